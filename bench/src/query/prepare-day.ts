import { join } from "node:path";
import { systemClock } from "@millrace/core";
import { lmdbLog } from "@millrace/core/lmdb";
import { createBatch, createIngest } from "@millrace/batch-layer";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { createSpeedLayer } from "@millrace/speed-layer";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import { fiveViews, fiveViewsPlan } from "../decode-fold/five-views.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { fillLog } from "../listen-events/fill-log.js";
import { DAY_MINUTES } from "./day.js";

export interface PrepareDayParams {
  readonly directory: string;
  readonly events: number;
}

/** The last hour of the day comes after the batch layer ran. */
const LIVE_SHARE = 1 / 24;

/** A day of events: all but its last hour in a generation, the rest in live segments of the speed layer. */
export async function prepareDay({ directory, events }: PrepareDayParams) {
  const { signal } = new AbortController();
  const clock = clockAfter(DAY_MINUTES, 0);
  const path = join(directory, "log");
  const files = localFileSystem({ root: join(directory, "files") });
  const live = Math.floor(events * (1 - LIVE_SHARE));
  await fillLog({ path, events, until: live, minutes: DAY_MINUTES });
  const log = lmdbLog({ path });
  const earlier = { ...clock, now: () => clock.now() - 3_600_000 };
  await createIngest({ log, files, clock: earlier, plans: [fiveViewsPlan] }).drain(signal);
  const engine = duckdbEngine({ files });
  const generation = await createBatch({ log, files, engine, clock: earlier, views: fiveViews, models: [], plans: [fiveViewsPlan] }).run({}, signal);
  await engine.close();
  if ("unchanged" in generation) throw new Error("preparing a day: the batch layer had nothing to publish");

  await fillLog({ path, events, from: live, minutes: DAY_MINUTES });
  const store = lmdbViewStore({ path: join(directory, "store"), clock });
  const stop = new AbortController();
  const speed = createSpeedLayer({ log, store, files, clock, timers: systemClock(), views: fiveViews, workerId: "bench" });
  const running = speed.run(stop.signal);
  await speed.caughtUp(signal);
  const liveRecords = speed.status().partitions.reduce((sum, { records }) => sum + records, 0);
  stop.abort();
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await Promise.all([store.close(), log.close(), files.close()]);
  const table = generation.tables.find(({ name }) => name === "song_minute")!;
  const versions = Object.values(table.versions);
  return { batchRows: versions.reduce((sum, { rows }) => sum + rows, 0), batchFiles: versions.flatMap((version) => version.files), liveRecords };
}
