import { join } from "node:path";
import { checkTotals } from "./decode-fold/totals.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { awaitDurable } from "./restart/await-durable.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";
import { startProcess } from "./task/start-process.js";
import type { Tasks } from "./task/tasks.js";

/** From the start of the layer to caught up, and from the start of the process. */
export interface RestartTime {
  readonly layerMs: number;
  readonly processMs: number;
  readonly records: number;
}

export interface RestartFigures {
  readonly restart: RestartTime;
  /** The baseline: a layer that has nothing durable, over the whole log. */
  readonly fromNothing: RestartTime;
}

/** Share of the log that is there and durable when the layer is killed; the rest comes while it is dead. */
const BEFORE = 0.97;

/**
 * Kills the speed layer (`kill -9`) in the middle of its open segments, and starts it again: it reads these segments from
 * their first records. Segments are of 15 minutes, and some 12 of each of the three open ones are durable then.
 *
 * @throws {Error} when the views after the restart are not what is in the log.
 */
export async function benchRestart({ events, log, run = inOwnProcess }: BenchOptions): Promise<RestartFigures> {
  return inTemporaryDirectory(async (directory) => {
    const before = Math.floor(events * BEFORE);
    log(`restart: ${events} listen events, the layer is killed when ${before} are durable`);
    const logPath = join(directory, "log");
    const killed = join(directory, "killed");
    await run("fill-log", { path: logPath, events, until: before });
    // A process of its own in any case, for it is killed.
    const victim = startProcess("speed-path", { logPath, directory: killed, rounds: 1, resume: true, forEver: true });
    const ended = new AbortController();
    victim.result.catch((error: unknown) => ended.abort(error));
    try {
      await awaitDurable(killed, before, ended.signal);
    } finally {
      await victim.kill();
    }
    await run("fill-log", { path: logPath, events, from: before });
    const resumed = await run("speed-path", { logPath, directory: killed, rounds: 1, resume: true });
    const cold = await run("speed-path", { logPath, directory: join(directory, "cold"), rounds: 1 });
    const { totals } = await run("fold-log", { path: logPath, rounds: 1 });
    checkTotals("the views after a restart", resumed.totals, totals);
    checkTotals("the views from nothing", cold.totals, totals);

    const restart = timeOf(resumed);
    const fromNothing = timeOf(cold);
    const line = (name: string, { layerMs, processMs, records }: RestartTime) =>
      log(`  ${name.padEnd(34)} ${Math.round(layerMs)} ms to caught up (${Math.round(processMs)} ms from the start of its process), ${records.toLocaleString("en")} records folded`);
    line("restarted", restart);
    line("from nothing, over the whole log", fromNothing);
    log("  totals of all views agree after both");
    return { restart, fromNothing };
  });
}

function timeOf({ rounds, caughtUpAtMs, records }: Awaited<ReturnType<Tasks["speed-path"]>>): RestartTime {
  return { layerMs: rounds[0]!.wallMs, processMs: caughtUpAtMs, records };
}
