import { systemClock } from "@millrace/core";
import { createSpeedLayer } from "@millrace/speed-layer";
import { fiveViews } from "../decode-fold/five-views.js";
import { servedTotals } from "../embedded/served-totals.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";
import { openServers, type Servers } from "./servers.js";

export interface SpeedServersParams extends Servers {
  /** Each round has a keyspace of this name and its number. */
  readonly keyspace: string;
  readonly directory: string;
  readonly rounds: number;
  /** Works until it is killed, and never returns. */
  readonly forEver?: boolean;
}

/**
 * The speed layer over a topic that is there already: from its start to the five views durable in Cassandra up to the end.
 * What is served then is added up.
 */
export async function speedServers({ keyspace, directory, rounds, forEver = false, ...servers }: SpeedServersParams) {
  const { signal } = new AbortController();
  const memory = watchMemory();
  const measured: Taken[] = [];
  const seen = { records: 0, rowsWritten: 0, flushes: 0 };
  /** Since this process was started. */
  let caughtUpAtMs = 0;
  let last = openServers(servers, `${keyspace}_0`, directory);
  for (let round = 0; round < rounds; round++) {
    if (round > 0) {
      await last.close();
      last = openServers(servers, `${keyspace}_${round}`, directory);
    }
    const { log, store, files, clock } = last;
    // Tables are made once in a deployment's life.
    await store.prepare(fiveViews, signal);
    globalThis.gc?.();
    const stop = new AbortController();
    const speed = createSpeedLayer({ log, store, files, clock, timers: systemClock(), views: fiveViews, workerId: "bench" });
    const { wallMs, cpuMs, result } = await measureRun(async () => {
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
    if (forEver) await result.running;
    stop.abort();
    await result.running;
  }
  const peaks = memory();
  const totals = await servedTotals(last);
  await last.close();
  return { rounds: measured, ...seen, ...peaks, caughtUpAtMs, totals };
}
