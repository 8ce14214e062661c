import type { Observable } from "rxjs";
import { tap } from "rxjs";
import { discard, dedupe, filterRows, forkTo, join, lookupTable, mapRows, tumbling, writeTo, type ColumnarBatch, type Progress } from "@millrace/speed-layer";
import { MAX_LATE_MS } from "../listen-events/listen-events.js";
import { DEDUPE_MS, nowhere, planOf, playsBySong, type Play, type Tally } from "./plays.js";

/** What is measured, with our operators. `isMerged`: all partitions go through one pipeline. */
export interface Pipeline {
  readonly isMerged: boolean;
  readonly make: (tally: Tally) => (batches: Observable<ColumnarBatch<Play>>) => Observable<Progress>;
}

export const pipelines = {
  "map and filter": {
    isMerged: false,
    make: (tally) => (batches) =>
      batches.pipe(
        mapRows(({ song, artist, state, userId }) => ({ title: `${artist}: ${song}`, state, userId })),
        filterRows(({ title, state, userId }) => state < "M" && tally.add(title, userId)),
        writeTo(nowhere),
      ),
  },
  "tumbling window": {
    isMerged: true,
    make: (tally) => (batches) =>
      batches.pipe(
        tumbling(playsBySong, { allowedLatenessMs: MAX_LATE_MS, idleAfterMs: Infinity }),
        forkTo((windows) => windows.pipe(mapRows((row) => (tally.add(row.song, row.plays), row)), writeTo(nowhere)), discard()),
      ),
  },
  dedupe: {
    isMerged: false,
    make: (tally) => (batches) => batches.pipe(dedupe({ by: "userId", withinMs: DEDUPE_MS }), mapRows((row) => (tally.add(row.song, row.userId), row)), writeTo(nowhere)),
  },
  join: {
    isMerged: false,
    make: (tally) => {
      const plans = lookupTable<number, string>({
        name: "plans",
        maxEntries: 100_000,
        ttlMs: 3_600_000,
        maxKeysPerLoad: 100_000,
        load: async (keys) => {
          const found = new Map<number, string>();
          for (const key of keys) {
            const plan = planOf(key);
            if (plan !== undefined) found.set(key, plan);
          }
          return found;
        },
      });
      return (batches) =>
        batches.pipe(
          join(plans, { key: ({ userId }) => userId, select: ({ song, userId }, plan) => ({ song, userId, plan }), missing: "drop" }),
          tap(({ rows }) => {
            for (const { plan, userId } of rows) tally.add(plan, userId);
          }),
          writeTo(nowhere),
        );
    },
  },
} as const satisfies Record<string, Pipeline>;

export type PipelineName = keyof typeof pipelines;
