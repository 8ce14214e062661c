import type { ColumnBatch } from "@millrace/core";
import { MAX_LATE_MS } from "../listen-events/listen-events.js";
import type { PipelineName } from "./pipelines.js";
import { DEDUPE_MS, nowhere, planOf, type Play, type Tally } from "./plays.js";

/** Takes the batches of all partitions by turns. */
export type Loop = (batch: ColumnBatch<Play>, partition: number) => Promise<void>;

const BATCH_ROWS = 1_000;
const { signal } = new AbortController();

/** Collects rows and writes them by the thousand. */
class Writer {
  #rows: unknown[] = [];
  #written = 0;

  add(row: unknown): void {
    this.#rows.push(row);
  }

  async flush(): Promise<void> {
    for (; this.#rows.length >= BATCH_ROWS; this.#rows = this.#rows.slice(BATCH_ROWS)) {
      const rows = this.#rows.slice(0, BATCH_ROWS);
      const from = this.#written;
      this.#written += rows.length;
      await nowhere.write({ id: `out/${from}`, topic: "out", logVersion: 1, partition: 0, from, until: this.#written, rows }, signal);
    }
  }
}

/** The same, as one would write it by hand over the same decoded rows: no progress, no restarts, no bounds. */
export const loops: Readonly<Record<PipelineName, (tally: Tally, partitions: number) => Loop>> = {
  "map and filter": (tally) => {
    const writer = new Writer();
    return async (batch) => {
      for (const { song, artist, state, userId } of batch.rows) {
        if (!(state < "M")) continue;
        const row = { title: `${artist}: ${song}`, state, userId };
        tally.add(row.title, userId);
        writer.add(row);
      }
      await writer.flush();
    };
  },
  "tumbling window": (tally, partitions) => {
    const writer = new Writer();
    const windows = new Map<number, Map<string, number>>();
    const newest = new Array<number>(partitions).fill(-Infinity);
    return async (batch, partition) => {
      for (const { ts, song } of batch.rows) {
        const at = ts.getTime();
        const start = at - (at % 60_000);
        let window = windows.get(start);
        if (window === undefined) windows.set(start, (window = new Map()));
        window.set(song, (window.get(song) ?? 0) + 1);
        if (at > newest[partition]!) newest[partition] = at;
      }
      const watermark = Math.min(...newest) - MAX_LATE_MS;
      for (const [start, window] of [...windows].sort(([a], [b]) => a - b)) {
        if (start + 60_000 > watermark) break;
        windows.delete(start);
        for (const [song, plays] of [...window].sort(([a], [b]) => (a < b ? -1 : 1))) {
          tally.add(song, plays);
          writer.add({ window: new Date(start), windowEnd: new Date(start + 60_000), song, plays });
        }
      }
      await writer.flush();
    };
  },
  dedupe: (tally, partitions) => {
    const writer = new Writer();
    const memories = Array.from({ length: partitions }, () => ({ now: -Infinity, seen: new Map<number, number>(), sweptAt: -Infinity }));
    return async (batch, partition) => {
      const memory = memories[partition]!;
      let i = 0;
      for (const row of batch.rows) {
        memory.now = Math.max(memory.now, batch.appendedAt[i++]!);
        const seenAt = memory.seen.get(row.userId);
        if (seenAt !== undefined && seenAt > memory.now - DEDUPE_MS) continue;
        memory.seen.set(row.userId, memory.now);
        tally.add(row.song, row.userId);
        writer.add(row);
      }
      if (memory.now - memory.sweptAt >= DEDUPE_MS) {
        memory.sweptAt = memory.now;
        for (const [user, at] of memory.seen) if (at <= memory.now - DEDUPE_MS) memory.seen.delete(user);
      }
      await writer.flush();
    };
  },
  join: (tally) => {
    const writer = new Writer();
    const plans = new Map<number, string | undefined>();
    return async (batch) => {
      for (const { song, userId } of batch.rows) {
        let plan = plans.get(userId);
        if (plan === undefined && !plans.has(userId)) plans.set(userId, (plan = planOf(userId)));
        if (plan === undefined) continue;
        tally.add(plan, userId);
        writer.add({ song, userId, plan });
      }
      await writer.flush();
    };
  },
};
