import { createServer, type AddressInfo } from "node:net";
import type { Load } from "./http/load-servers.js";
import type { Targets } from "./http/targets.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { latencyLine, type Latency } from "./measure/latency.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface HttpFigures {
  readonly batchRows: number;
  readonly liveRecords: number;
  /** The same question again: the answer is kept, and each time it is checked that nothing moved. */
  readonly kept: Load;
  /** Made each time with the batch part remembered, as when records keep coming. */
  readonly made: Load;
  /** Questions that were not asked before. */
  readonly anew: Load;
  /** `kept` and `made` while the goal's number of queries a second comes. */
  readonly atRates: { readonly kept: Latency; readonly made: Latency };
  /** The baseline of `kept`: a bare Fastify route that gives the same bytes. */
  readonly bytes: Load;
  /** The baseline of the others: DuckDB behind the same bare server, over the same Parquet files, without the live segments. */
  readonly duckdb: Load;
  readonly peakMb: number;
  readonly goals: readonly Goal[];
}

/** Requests of a round at full size. What is fast gets more. */
const REQUESTS: Readonly<Record<keyof Targets, number>> = { kept: 1_500, bytes: 5_000, made: 150, anew: 60, duckdb: 150 };

/** Queries a second of the goals. */
const RATES = { kept: 500, made: 100 };

/** Seconds of a round at a rate. */
const RATE_SECONDS = 3;

const NAMES: Readonly<Record<keyof Targets, string>> = {
  kept: "millrace, kept answers",
  made: "millrace, made each time",
  anew: "millrace, new questions",
  bytes: "bare Fastify, the same bytes",
  duckdb: "bare Fastify, DuckDB, batch part",
};

/**
 * The ten most played songs of a day over HTTP, ten connections asking: from the server of the serving layer, and from a
 * bare one beside it in the same process. The load comes from a process of its own.
 *
 * @throws {Error} when an answer is not what the log says, or a request fails.
 */
export async function benchHttp({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<HttpFigures> {
  return inTemporaryDirectory(async (directory) => {
    log(`http: top 10 songs over a day of minutes, ${events} listen events, 10 connections`);
    const { batchRows, batchFiles, liveRecords } = await run("prepare-day", { directory, events });
    const { expected } = await run("ask-top-songs", { directory, batchFiles, queries: 1, warmUp: 0 });
    const port = await freePort();
    const size = Math.min(1, events / 100_000);
    const requests = Object.fromEntries(Object.entries(REQUESTS).map(([target, count]) => [target, Math.max(10, Math.ceil(count * rounds * size))])) as Record<keyof Targets, number>;
    const rateOf = (target: "kept" | "made") => ({ perSecond: RATES[target], queries: Math.max(10, Math.ceil(RATES[target] * RATE_SECONDS * rounds * size)) });
    const [{ peakMb, version }, { loads, atRates, tops }] = await Promise.all([
      run("serve-top-songs", { directory, batchFiles, port }),
      run("load-servers", { port, requests, rates: { kept: rateOf("kept"), made: rateOf("made") } }),
    ]);
    for (const top of tops) {
      if (JSON.stringify(top) !== JSON.stringify(expected)) throw new Error(`checking the top songs: they are ${JSON.stringify(top)}, not ${JSON.stringify(expected)}`);
    }
    const goals = (["kept", "made"] as const).flatMap((target) => [
      goal(`${target}, queries/s`, loads[target].perSecond, { least: RATES[target] }),
      goal(`${target}, p99 at ${RATES[target]} queries/s, ms`, atRates[target].p99Ms, { most: 50 }),
    ]);
    log(`  ${batchRows.toLocaleString("en")} batch rows and ${liveRecords.toLocaleString("en")} live records`);
    for (const target of Object.keys(NAMES) as (keyof Targets)[]) log(`${latencyLine(NAMES[target], loads[target])}, ${Math.round(loads[target].perSecond).toLocaleString("en")} queries/s`);
    for (const target of ["kept", "made"] as const) log(latencyLine(`${target}, ${RATES[target]} queries/s coming`, atRates[target]));
    for (const each of goals) log(goalLine(each));
    log(`  peak ${Math.round(peakMb)} MB; the answers are those of the log; baseline ${version}`);
    return { batchRows, liveRecords, ...loads, atRates, peakMb, goals };
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
