import type { Clock } from "millrace";
import { setTimeout as delay } from "node:timers/promises";
import type { EventTarget } from "./simulate/event-target.js";
import { NdjsonFiles } from "./simulate/ndjson-files.js";
import { Progress } from "./simulate/progress.js";
import { runSimulate } from "./simulate/run-simulate.js";
import { simulateCommand, type SimulateFlags } from "./simulate/simulate-command.js";
import { planSimulate, type SimulatePlan } from "./simulate/simulate-plan.js";

// npm runs this in the example's folder; what a user names on the command line is relative to where they are.
const here = process.env["INIT_CWD"] ?? process.cwd();

// Nothing of the framework is loaded to write files, so that simulating needs no build.
const wallClock: Clock = { now: Date.now, sleep: (ms, signal) => delay(ms, undefined, { signal }) };

/** The first Ctrl-C ends the run after whole lines, the second one at once. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return stop.signal;
}

async function openTarget(to: SimulatePlan["target"], startMs: number, continuous: boolean, signal: AbortSignal): Promise<EventTarget> {
  if (to.kind === "ndjson") return NdjsonFiles.create(to.dir);
  if (to.kind === "kafka") return (await import("./simulate/open-kafka.js")).openKafka(to.brokers, signal);
  return (await import("./simulate/open-log.js")).openLog(to.dir, startMs, continuous, signal);
}

async function main(): Promise<void> {
  const command = simulateCommand().parse();
  const { options, untilMs, continuous, target: to } = planSimulate(command.opts<SimulateFlags>(), Date.now(), here);
  const signal = stopOnSignals();
  const target = await openTarget(to, options.startMs, continuous, signal);
  const startedMs = performance.now();
  const progress = new Progress({
    startMs: options.startMs,
    untilMs,
    isTerminal: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    elapsedMs: () => performance.now() - startedMs,
  });
  try {
    const sent = await runSimulate({ options, untilMs, target, clock: continuous ? wallClock : undefined, onProgress: (now) => progress.report(now) }, signal);
    progress.finish(sent, to.kind === "kafka" ? to.brokers.join(",") : to.dir);
    // To be stopped is the end of a run without one; of another it leaves less than was asked for.
    if (sent.stopped && untilMs !== Infinity) process.exitCode = 130;
  } finally {
    await target.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env["DEBUG"] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
}
