import { join } from "node:path";
import { checkTotals } from "./decode-fold/totals.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

type Written = Throughput & { readonly bytes: number };

export interface IngestFigures {
  readonly millrace: Written & { readonly segments: number };
  readonly withoutRaw: Written;
  readonly duckdbCopy: Written;
  readonly goals: readonly Goal[];
}

/**
 * Ingest of a whole log into the master dataset on the local disk, with and without the records' original bytes; and
 * DuckDB copying the same events from NDJSON to one Parquet file.
 *
 * @throws {Error} when the master dataset's files do not add up to what is in the log.
 */
export async function benchIngest({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<IngestFigures> {
  return inTemporaryDirectory(async (directory) => {
    log(`ingest: ${events} listen events in a log to local files, medians of ${rounds} rounds after a cold one`);
    const logPath = join(directory, "log");
    const ndjson = join(directory, "ndjson");
    const master = join(directory, "with-raw");
    const lean = join(directory, "without-raw");
    await run("fill-log", { path: logPath, events });
    await run("write-ndjson", { directory: ndjson, events });
    const all = rounds + 1;
    const ours = await run("ingest-log", { logPath, directory: master, rounds: all, keepRaw: true });
    const ourLean = await run("ingest-log", { logPath, directory: lean, rounds: all, keepRaw: false });
    const copied = await run("copy-ndjson", { directory: ndjson, rounds: all });
    const { totals } = await run("fold-log", { path: logPath, rounds: 1 });
    checkTotals("the master dataset", await run("master-totals", { directory: master }), totals);
    checkTotals("the master dataset without original bytes", await run("master-totals", { directory: lean }), totals);
    if (copied.rows !== events) throw new Error(`checking the copy: it has ${copied.rows} rows, not ${events}`);

    const millrace = { ...throughputOf(ours.rounds, events, ours), bytes: ours.bytes, segments: ours.segments };
    const withoutRaw = { ...throughputOf(ourLean.rounds, events, ourLean), bytes: ourLean.bytes };
    const duckdbCopy = { ...throughputOf(copied.rounds, events, copied), bytes: copied.bytes };
    const goals = [goal("events/s", millrace.eventsPerSecond, { least: 200_000 }), goal("peak MB without mapped files", millrace.ownPeakMb, { most: 400 })];
    const line = (name: string, written: Written) => log(`${throughputLine(name, written)}, ${(written.bytes / events).toFixed(0)} bytes an event`);
    line("millrace, with original bytes", millrace);
    line("millrace, without", withoutRaw);
    line("DuckDB COPY, all fields", duckdbCopy);
    for (const each of goals) log(goalLine(each));
    log(`  totals of all views agree over ${millrace.segments} segments; baseline ${copied.version}, two threads`);
    return { millrace, withoutRaw, duckdbCopy, goals };
  });
}
