import { join } from "node:path";
import { checkTotals } from "./decode-fold/totals.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface EmbeddedFigures {
  readonly millrace: Throughput & { readonly rowsWritten: number; readonly flushes: number };
  readonly jsonParse: Throughput;
  readonly append: { readonly cpuSecondsPerMillion: number; readonly eventsPerSecond: number };
  readonly goals: readonly Goal[];
}

/**
 * The whole embedded path, from events in an LMDB log to five views in an LMDB store; `JSON.parse` with maps over the
 * same log, which makes nothing durable; and what appending alone costs.
 *
 * @throws {Error} when what the store answers is not what the baseline counted.
 */
export async function benchEmbedded({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions): Promise<EmbeddedFigures> {
  return inTemporaryDirectory(async (directory) => {
    log(`embedded path: ${events} listen events in a log, five views, medians of ${rounds} rounds after a cold one`);
    const logPath = join(directory, "log");
    const filled = await run("fill-log", { path: logPath, events });
    const ours = await run("speed-path", { logPath, directory: join(directory, "speed"), rounds: rounds + 1 });
    const baseline = await run("fold-log", { path: logPath, rounds: rounds + 1 });
    checkTotals("the embedded path", ours.totals, baseline.totals);

    const millrace = { ...throughputOf(ours.rounds, events, ours), rowsWritten: ours.rowsWritten, flushes: ours.flushes };
    const jsonParse = throughputOf(baseline.rounds, events, baseline);
    const append = { cpuSecondsPerMillion: (filled.cpuMs * 1_000) / events, eventsPerSecond: (events * 1_000) / filled.wallMs };
    const goals = [
      goal("CPU-s per million", millrace.cpuSecondsPerMillion, { most: 2.5 }),
      goal("events/s", millrace.eventsPerSecond, { least: 250_000 }),
    ];
    log(`${throughputLine("millrace, durable", millrace)}; ${millrace.rowsWritten.toLocaleString("en")} rows in ${millrace.flushes} flushes`);
    log(throughputLine("JSON.parse and maps, in memory", jsonParse));
    log(`  ${"append to the log alone".padEnd(34)} ${append.cpuSecondsPerMillion.toFixed(3)} CPU-s per million, ${Math.round(append.eventsPerSecond).toLocaleString("en")} events/s`);
    for (const each of goals) log(goalLine(each));
    log("  totals of all views agree");
    return { millrace, jsonParse, append, goals };
  });
}
