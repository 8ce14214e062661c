import { lmdbLog } from "@millrace/core/lmdb";
import { MinuteMaps } from "../decode-fold/minute-maps.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

export interface FoldLogParams {
  readonly path: string;
  readonly rounds: number;
}

/** The baseline: reads the log and folds it with `JSON.parse` into maps. Nothing is durable. */
export async function foldLog({ path, rounds }: FoldLogParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path });
  const memory = watchMemory();
  const measured: Taken[] = [];
  let maps = new MinuteMaps();
  for (let round = 0; round < rounds; round++) {
    const { wallMs, cpuMs } = await measureRun(async () => {
      maps = new MinuteMaps();
      const { partitions } = await log.describe(LISTEN_EVENTS, signal);
      for (const { partition, start, end } of partitions) {
        if (start === end) continue;
        for await (const batch of log.read({ topic: LISTEN_EVENTS, partition, from: start }, signal)) {
          maps.add(batch);
          if (batch.position >= end) break;
        }
      }
    });
    measured.push({ wallMs, cpuMs });
  }
  const peaks = memory();
  await log.close();
  return { rounds: measured, ...peaks, totals: maps.totals() };
}
