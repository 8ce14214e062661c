import { rm } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@millrace/core";
import { lmdbLog } from "@millrace/core/lmdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { createSpeedLayer } from "@millrace/speed-layer";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import { fiveViews } from "../decode-fold/five-views.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { MINUTES } from "../listen-events/listen-events.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";
import { servedTotals } from "./served-totals.js";

export interface SpeedPathParams {
  readonly logPath: string;
  /** Of store and files. */
  readonly directory: string;
  readonly rounds: number;
  /** Goes on with what is in the directory. Default: each round starts from nothing. */
  readonly resume?: boolean;
  /** Works until it is killed, and never returns. */
  readonly forEver?: boolean;
}

/**
 * The embedded speed layer over a log that is there already: from its start to the five views durable up to the end.
 * What the store answers then is added up.
 */
export async function speedPath({ logPath, directory, rounds, resume = false, forEver = false }: SpeedPathParams) {
  const { signal } = new AbortController();
  const clock = clockAfter(MINUTES, 0);
  const log = lmdbLog({ path: logPath });
  const open = () => ({
    store: lmdbViewStore({ path: join(directory, "store"), clock }),
    files: localFileSystem({ root: join(directory, "files") }),
  });
  const memory = watchMemory();
  const measured: Taken[] = [];
  const seen = { records: 0, rowsWritten: 0, flushes: 0 };
  /** Since this process was started. */
  let caughtUpAtMs = 0;
  for (let round = 0; round < rounds; round++) {
    if (!resume) await rm(directory, { recursive: true, force: true });
    globalThis.gc?.();
    const { store, files } = open();
    const stop = new AbortController();
    const speed = createSpeedLayer({ log, store, files, clock, timers: systemClock(), views: fiveViews, workerId: "bench" });
    const { wallMs, cpuMs, result: running } = await measureRun(async () => {
      const running = speed.run(stop.signal);
      await speed.caughtUp(signal);
      return { running };
    });
    caughtUpAtMs = performance.now();
    measured.push({ wallMs, cpuMs });
    seen.records = seen.rowsWritten = seen.flushes = 0;
    for (const { records, rowsWritten, flushes } of speed.status().partitions) {
      seen.records += records;
      seen.rowsWritten += rowsWritten;
      seen.flushes += flushes;
    }
    if (forEver) await running.running;
    stop.abort();
    await running.running.catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    await Promise.all([store.close(), files.close()]);
  }
  const peaks = memory();
  const { store, files } = open();
  const totals = await servedTotals({ log, store, files, clock });
  await Promise.all([store.close(), files.close(), log.close()]);
  return { rounds: measured, ...seen, ...peaks, caughtUpAtMs, totals };
}
