import { fileURLToPath } from "node:url";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

const CONFIG = fileURLToPath(new URL("../../examples/music-events/config/example.json", import.meta.url));
const MOST_USERS = 1_000_000;
/** Objects that the baseline keeps. */
const MOST_COMPARED = 100_000;

export interface SimulateFigures {
  readonly simulator: Throughput;
  readonly stringify: Throughput;
  /** Until all users are there, CPU seconds. */
  readonly startCpuSeconds: number;
  readonly goals: readonly Goal[];
}

/**
 * The simulator of the music site with a million users (with as many as events, for fewer events), records written as
 * UTF-8 in memory; and `JSON.stringify` of the same records, which simulates nothing.
 *
 * @throws {Error} when the records are not what `JSON.stringify` writes.
 */
export async function benchSimulate({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<SimulateFigures> {
  const users = Math.min(MOST_USERS, events);
  log(`simulate: ${events} events of ${users} users, medians of ${rounds} rounds after a cold one`);
  const params = { config: CONFIG, users, events, rounds: rounds + 1, compared: Math.min(MOST_COMPARED, events) };
  const ours = await run("simulate-records", params);
  const theirs = await run("stringify-records", params);
  if (ours.digest !== theirs.digest) throw new Error("comparing records: they are not what JSON.stringify writes");

  const simulator = throughputOf(ours.rounds, events, ours);
  const stringify = throughputOf(theirs.rounds, events, theirs);
  const startCpuSeconds = ours.startCpuMs / 1_000;
  const goals = [goal("events a CPU second", 1_000_000 / simulator.cpuSecondsPerMillion, { least: 200_000 }), goal("peak MB", simulator.peakMb, { most: 1_500 })];
  log(`${throughputLine("simulator", simulator)}, ${Math.round(ours.recordBytes)} bytes a record, ${startCpuSeconds.toFixed(1)} CPU-s to the first event`);
  log(throughputLine("JSON.stringify of the records", stringify));
  for (const each of goals) log(goalLine(each));
  log(`  the first ${params.compared} records agree, byte for byte`);
  return { simulator, stringify, startCpuSeconds, goals };
}
