import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { median } from "./measure/quantile.js";
import type { Taken } from "./measure/measure-run.js";
import type { Memory } from "./measure/watch-memory.js";
import { siteOptions } from "./star-schema/site-options.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

/** Medians of the rounds after a cold one. */
export interface LoadFigures extends Memory {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface StarSchemaFigures {
  readonly events: number;
  readonly full: LoadFigures & { readonly bytes: number; readonly checks: number };
  readonly direct: LoadFigures;
  readonly increment: LoadFigures;
  readonly goals: readonly Goal[];
}

/**
 * The star schema of the music events over a month of them: a full load of all days, and an incremental one of the last
 * day; and the same SQL run directly in DuckDB over the same files, which checks and publishes nothing.
 *
 * @throws {Error} when the tables have other rows than the baseline's, or the increment's other than the full load's.
 */
export async function benchStarSchema({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<StarSchemaFigures> {
  return inTemporaryDirectory(async (directory) => {
    const site = siteOptions(events);
    const { days } = site;
    const { records } = await run("prepare-site", { directory, ...site });
    log(`star-schema: ${records} events of ${days} days, medians of ${rounds} rounds after a cold one`);
    const all = rounds + 1;
    const theirs = await run("query-directly", { directory, days, rounds: all });
    const added = await run("load-warehouse", { directory, days, kind: "increment", rounds: all });
    const ours = await run("load-warehouse", { directory, days, kind: "full", rounds: all });
    // What a statement over all dates stages at once is not what one a date does: the star schema is compared.
    for (const [table, rows] of Object.entries(ours.rows)) {
      if (!table.startsWith("stage_") && rows !== theirs.rows[table]) throw new Error(`comparing tables: "${table}" has ${rows} rows, not ${theirs.rows[table]}`);
      if (rows !== added.rows[table]) throw new Error(`comparing tables: "${table}" has ${rows} rows in full and ${added.rows[table]} by increments`);
    }
    const full = { ...loadOf(ours), bytes: ours.bytes, checks: ours.checks };
    const direct = loadOf(theirs);
    const increment = loadOf(added);
    const goals = [
      goal("full load beside the SQL alone", full.seconds / direct.seconds, { most: 1.3 }),
      goal("increment, seconds, at most a tenth of the full load and two", increment.seconds, { most: full.seconds / 10 + 2 }),
    ];
    log(loadLine(`full load, ${days} days`, full));
    log(loadLine("the SQL alone, in DuckDB", direct));
    log(loadLine(`increment, 1 day of ${days}`, increment));
    for (const each of goals) log(goalLine(each));
    log(`  rows of all tables agree, ${full.checks} checks passed; baseline ${theirs.version}, two threads, the same memory limit`);
    return { events: records, full, direct, increment, goals };
  });
}

function loadOf({ rounds, peakMb, ownPeakMb }: { readonly rounds: readonly Taken[] } & Memory): LoadFigures {
  const warm = rounds.length > 1 ? rounds.slice(1) : rounds;
  return { seconds: median(warm.map(({ wallMs }) => wallMs)) / 1_000, cpuSeconds: median(warm.map(({ cpuMs }) => cpuMs)) / 1_000, peakMb, ownPeakMb };
}

const loadLine = (name: string, { seconds, cpuSeconds, ownPeakMb, peakMb }: LoadFigures) =>
  `  ${name.padEnd(34)} ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} CPU-s, peak ${Math.round(ownPeakMb)} MB (${Math.round(peakMb)} with mapped files)`;
