import { createBatch } from "@millrace/batch-layer";
import { localFileSystem } from "@millrace/batch-layer/local";
import type { Generation } from "@millrace/core";
import { lmdbLog } from "@millrace/core/lmdb";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";
import { openEngine, type SparkAddress } from "./open-engine.js";
import { clockAfter, cutAfter, filesOf, logOf, models, plans } from "./site.js";

export interface LoadWarehouseParams {
  readonly directory: string;
  readonly days: number;
  /** `full`: all days, again and again. `increment`: the last day upon the others, again and again. */
  readonly kind: "full" | "increment";
  readonly rounds: number;
  /** Default: DuckDB in this process. */
  readonly spark?: SparkAddress;
}

/** Loads the star schema: plans, builds, checks and publishes. */
export async function loadWarehouse({ directory, days, kind, rounds, spark }: LoadWarehouseParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path: logOf(directory) });
  const files = localFileSystem({ root: filesOf(directory) });
  const engine = openEngine(files, spark);
  const batch = createBatch({ log, files, engine, clock: clockAfter(days), views: [], models, plans });
  const memory = watchMemory();
  const measured: Taken[] = [];
  let last: Generation | undefined;
  const before = kind === "increment" ? await published(batch.run({ full: true, cutAt: cutAfter(days - 1) }, signal)) : undefined;
  for (let round = 0; round < rounds; round++) {
    if (before !== undefined && round > 0) await batch.rollback(before.number, signal);
    globalThis.gc?.();
    const { wallMs, cpuMs, result } = await measureRun(() => batch.run({ full: kind === "full", cutAt: cutAfter(days) }, signal));
    measured.push({ wallMs, cpuMs });
    last = await published(Promise.resolve(result));
  }
  const peaks = memory();
  await Promise.all([engine.close(), log.close(), files.close()]);
  const versions = last!.tables.map(({ name, versions: of }) => ({ name, of: Object.values(of) }));
  return {
    rounds: measured,
    ...peaks,
    rows: Object.fromEntries(versions.map(({ name, of }) => [name, of.reduce((sum, { rows }) => sum + rows, 0)])),
    bytes: versions.reduce((sum, { of }) => sum + of.reduce((more, { bytes }) => more + bytes, 0), 0),
    checks: last!.checks.length,
    /** Versions that the last run wrote. */
    built: versions.reduce((sum, { of }) => sum + of.filter(({ version }) => version.startsWith(`${last!.number}-`)).length, 0),
  };
}

async function published(run: ReturnType<ReturnType<typeof createBatch>["run"]>): Promise<Generation> {
  const generation = await run;
  if ("unchanged" in generation) throw new Error("loading the warehouse: there was nothing to publish");
  return generation;
}
