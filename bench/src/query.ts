import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { latencyLine, type Latency } from "./measure/latency.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface QueryFigures {
  readonly batchRows: number;
  readonly liveRecords: number;
  /** Asked again and again: the batch part is remembered, the live segments are read each time. */
  readonly warm: Latency;
  /** With nothing remembered. */
  readonly uncached: Latency;
  /** The baseline: DuckDB over the same Parquet files, without the live segments. */
  readonly alone: Latency;
  readonly peakMb: number;
  readonly goals: readonly Goal[];
}

const QUERIES_A_ROUND = 70;

/**
 * The ten most played songs over a day of minutes, from a generation and the live segments above it.
 *
 * @throws {Error} when an answer is not what the log says.
 */
export async function benchQuery({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<QueryFigures> {
  return inTemporaryDirectory(async (directory) => {
    log(`query: top 10 songs over a day of minutes, ${events} listen events`);
    const { batchRows, batchFiles, liveRecords } = await run("prepare-day", { directory, events });
    const { tops, expected, version, ...figures } = await run("ask-top-songs", { directory, batchFiles, queries: rounds * QUERIES_A_ROUND, warmUp: 20 });
    for (const top of tops) {
      if (JSON.stringify(top) !== JSON.stringify(expected)) throw new Error(`checking the top songs: they are ${JSON.stringify(top)}, not ${JSON.stringify(expected)}`);
    }
    const goals = [goal("p99, ms", figures.warm.p99Ms, { most: 20 })];
    log(`  ${batchRows.toLocaleString("en")} batch rows and ${liveRecords.toLocaleString("en")} live records; ${rounds * QUERIES_A_ROUND} queries after a warm-up`);
    log(latencyLine("millrace", figures.warm));
    log(latencyLine("millrace, nothing remembered", figures.uncached));
    log(latencyLine("DuckDB alone, batch part only", figures.alone));
    for (const each of goals) log(goalLine(each));
    log(`  peak ${Math.round(figures.peakMb)} MB; both answers are those of the log; baseline ${version}`);
    return { batchRows, liveRecords, ...figures, goals };
  });
}
