import { duckdbEngine } from "./duckdb-engine.js";
import type { Engine } from "./engine.js";
import { jsonParseEngine } from "./json-parse-engine.js";
import { millraceEngine } from "./millrace-engine.js";
import type { Totals } from "./totals.js";

export type EngineName = "millrace" | "json-parse" | "duckdb";

/** What a process that measures one engine tells the one that started it. */
export interface EngineMeasurement {
  readonly engine: EngineName;
  readonly version: string;
  readonly rounds: readonly { readonly wallMs: number; readonly cpuMs: number }[];
  /** Resident set before the first round (with the input, where that is held in memory), and its peak. */
  readonly startMb: number;
  readonly peakMb: number;
  readonly totals: Totals;
}

/** Measures one engine in this process: all threads' CPU, garbage collection and compilation included. */
export async function measureEngine(name: EngineName, directory: string, rounds: number, batchRecords: number): Promise<EngineMeasurement> {
  const engine = await createEngine(name, directory, batchRecords);
  globalThis.gc?.();
  const startMb = process.memoryUsage.rss() / 2 ** 20;
  const measured: { wallMs: number; cpuMs: number }[] = [];
  let result: unknown;
  for (let round = 0; round < rounds; round++) {
    result = undefined;
    const cpu = process.cpuUsage();
    const start = performance.now();
    result = await engine.run();
    const wallMs = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    measured.push({ wallMs, cpuMs: (user + system) / 1_000 });
  }
  const peakMb = process.resourceUsage().maxRSS / 1_024;
  return { engine: name, version: engine.version, rounds: measured, startMb, peakMb, totals: await engine.totals(result) };
}

function createEngine(name: EngineName, directory: string, batchRecords: number): Engine | Promise<Engine> {
  switch (name) {
    case "millrace":
      return millraceEngine(directory, batchRecords);
    case "json-parse":
      return jsonParseEngine(directory, batchRecords);
    case "duckdb":
      return duckdbEngine(directory);
  }
}

// Started as a process of its own, so that no engine warms up or fills the memory of another.
if (process.argv[1] === import.meta.filename) {
  const [name, directory, rounds, batchRecords] = process.argv.slice(2);
  const measurement = await measureEngine(name as EngineName, directory!, Number(rounds), Number(batchRecords));
  process.stdout.write(JSON.stringify(measurement));
}
