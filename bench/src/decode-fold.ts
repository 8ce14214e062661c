import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { EngineMeasurement, EngineName } from "./decode-fold/measure-engine.js";
import { checkTotals } from "./decode-fold/totals.js";
import { writeListenEvents } from "./listen-events/write-listen-events.js";

export interface DecodeFoldOptions {
  readonly events: number;
  /** Runs of each engine in one process. The first is cold; figures are the median of the others. */
  readonly rounds?: number;
  readonly batchRecords?: number;
  readonly log: (line: string) => void;
}

export interface DecodeFoldFigures {
  readonly engine: EngineName;
  readonly version: string;
  readonly cpuSecondsPerMillion: number;
  readonly coldCpuSecondsPerMillion: number;
  readonly eventsPerSecond: number;
  readonly peakMb: number;
  /** Of that, above what the process held before its first run. */
  readonly grownMb: number;
  /** CPU of this engine over ours. */
  readonly ratio: number;
}

const ENGINES: readonly EngineName[] = ["millrace", "json-parse", "duckdb"];
// Compiled, because a loader for TypeScript in the process makes our engine slower by a tenth.
const MEASURE = fileURLToPath(new URL("../dist/measure-engine.js", import.meta.url));
const run = promisify(execFile);

/**
 * From JSON in memory to the rows of five views: our decoder and fold, `JSON.parse` with maps, and DuckDB on the same
 * JSON, each in a process of its own, all totals compared.
 *
 * @throws {Error} when the engines do not agree.
 */
export async function benchDecodeFold({ events, rounds = 7, batchRecords = 10_000, log }: DecodeFoldOptions): Promise<readonly DecodeFoldFigures[]> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  try {
    const bytes = await writeListenEvents(directory, events);
    log(`decode and fold: ${events} listen events of ${Math.round(bytes / events)} bytes, five views, ${rounds} rounds (first one cold)`);
    const measurements: EngineMeasurement[] = [];
    for (const engine of ENGINES) {
      const { stdout } = await run(process.execPath, ["--expose-gc", MEASURE, engine, directory, String(rounds), String(batchRecords)], { maxBuffer: 2 ** 26 });
      measurements.push(JSON.parse(stdout) as EngineMeasurement);
    }
    const exact = measurements.find(({ engine }) => engine === "json-parse")!;
    for (const { engine, totals } of measurements) checkTotals(engine, totals, exact.totals);
    const ours = measurements.find(({ engine }) => engine === "millrace")!;
    const figures = measurements.map((measurement) => figuresOf(measurement, events, ours));
    for (const { engine, version, cpuSecondsPerMillion, coldCpuSecondsPerMillion, eventsPerSecond, peakMb, grownMb, ratio } of figures) {
      log(
        `  ${engine.padEnd(11)} ${cpuSecondsPerMillion.toFixed(3)} CPU-s per million (cold ${coldCpuSecondsPerMillion.toFixed(3)}), ` +
          `${Math.round(eventsPerSecond).toLocaleString("en")} events/s, peak ${Math.round(peakMb)} MB (+${Math.round(grownMb)}), x${ratio.toFixed(2)}   ${version}`,
      );
    }
    log("  totals of all views agree");
    return figures;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function figuresOf({ engine, version, rounds, startMb, peakMb }: EngineMeasurement, events: number, ours: EngineMeasurement): DecodeFoldFigures {
  const cpu = medianOf(rounds.slice(1).map(({ cpuMs }) => cpuMs));
  const perMillion = 1_000 / events;
  return {
    engine,
    version,
    cpuSecondsPerMillion: cpu * perMillion,
    coldCpuSecondsPerMillion: rounds[0]!.cpuMs * perMillion,
    eventsPerSecond: (events * 1_000) / medianOf(rounds.slice(1).map(({ wallMs }) => wallMs)),
    peakMb,
    grownMb: peakMb - startMb,
    ratio: cpu / medianOf(ours.rounds.slice(1).map(({ cpuMs }) => cpuMs)),
  };
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
