import { startSpark } from "@millrace/servers";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import type { Taken } from "./measure/measure-run.js";
import { median } from "./measure/quantile.js";
import type { SparkAddress } from "./star-schema/open-engine.js";
import { siteOptions } from "./star-schema/site-options.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface SparkFigures {
  readonly events: number;
  readonly days: number;
  /** Medians of the rounds after a cold one, seconds. */
  readonly full: number;
  readonly increment: number;
  readonly direct: number;
  readonly duckdb: number;
  readonly goals: readonly Goal[];
}

/** It starts before `use`, and is gone after it. */
type WithSpark = <T>(use: (spark: SparkAddress) => Promise<T>) => Promise<T>;

const withFreshSpark: WithSpark = async (use) => {
  const spark = await startSpark();
  try {
    return await use({ host: spark.host, port: spark.port });
  } finally {
    await spark.stop();
  }
};

/**
 * The star schema of the music events over a month of them on a Spark Thrift Server: a full load of all days and an
 * incremental one of the last day; beside the same SQL typed into the same server, and the full load on DuckDB.
 *
 * @throws {Error} when the tables of any of them have other rows.
 */
export async function benchSpark({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions, withSpark: WithSpark = withFreshSpark): Promise<SparkFigures> {
  return withSpark((spark) =>
    inTemporaryDirectory(async (directory) => {
      const site = siteOptions(events);
      const { days } = site;
      const { records } = await run("prepare-site", { directory, ...site });
      log(`spark: ${records} events of ${days} days, medians of ${rounds} rounds after a cold one`);
      const all = rounds + 1;
      const theirs = await run("query-spark", { directory, days, rounds: all, spark });
      const ours = await run("load-warehouse", { directory, days, kind: "full", rounds: all, spark });
      const added = await run("load-warehouse", { directory, days, kind: "increment", rounds: all, spark });
      const embedded = await run("load-warehouse", { directory, days, kind: "full", rounds: all });
      for (const [table, rows] of Object.entries(ours.rows)) {
        // What a statement over all dates stages at once is not what one a date does.
        if (!table.startsWith("stage_") && rows !== theirs.rows[table]) throw new Error(`comparing tables: "${table}" has ${rows} rows, not ${theirs.rows[table]}`);
        if (rows !== added.rows[table]) throw new Error(`comparing tables: "${table}" has ${rows} rows in full and ${added.rows[table]} by increments`);
        if (rows !== embedded.rows[table]) throw new Error(`comparing tables: "${table}" has ${rows} rows on Spark and ${embedded.rows[table]} on DuckDB`);
      }
      const [full, increment, direct, duckdb] = [ours, added, theirs, embedded].map(({ rounds: each }) => secondsOf(each)) as [number, number, number, number];
      const goals = [goal("full load beside the SQL typed by hand", full / direct, { most: 1.1 })];
      for (const [name, seconds] of Object.entries({ [`full load, ${days} days`]: full, "the SQL alone, in the same server": direct, [`increment, 1 day of ${days}`]: increment, "full load on DuckDB": duckdb })) {
        log(`  ${name.padEnd(34)} ${seconds.toFixed(1)} s`);
      }
      for (const each of goals) log(goalLine(each));
      log(`  rows of all tables agree, ${ours.checks} checks passed; baseline ${theirs.version}`);
      return { events: records, days, full, increment, direct, duckdb, goals };
    }),
  );
}

const secondsOf = (rounds: readonly Taken[]): number => median((rounds.length > 1 ? rounds.slice(1) : rounds).map(({ wallMs }) => wallMs)) / 1_000;
