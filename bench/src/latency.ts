import { checkTotals } from "./decode-fold/totals.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { latencyLine, type Latency } from "./measure/latency.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";

export interface LatencyFigures {
  /** From when a record was due to the first answer that holds it. */
  readonly visible: Latency;
  /** To when its append was confirmed as durable: no answer can hold it much earlier. */
  readonly appended: Latency;
  /** The baseline: to when a reader with `JSON.parse` and maps had it in memory. */
  readonly naive: Latency;
  /** Of one question. */
  readonly answer: Latency;
  readonly answers: number;
  /** CPU seconds a second. */
  readonly cpuShare: number;
  readonly peakMb: number;
  readonly goals: readonly Goal[];
}

const EVENTS_PER_SECOND = 5_000;
/** Longer tells nothing more. */
const MAX_SECONDS = 20;
const WARM_UP_MS = 2_000;

/**
 * From append to visible in an answer, at 5,000 events a second for at most 20 seconds, five views, one process.
 *
 * @throws {Error} when an answer counts fewer events than there are below its as-of offsets, or the last one other events
 * than the log holds.
 */
export async function benchLatency({ events, log, run = inOwnProcess }: BenchOptions): Promise<LatencyFigures> {
  return inTemporaryDirectory(async (directory) => {
    const appended = Math.min(events, MAX_SECONDS * EVENTS_PER_SECOND);
    const warmUpMs = Math.min(WARM_UP_MS, (appended / EVENTS_PER_SECOND) * 200);
    log(`latency: ${appended} listen events appended at ${EVENTS_PER_SECOND} a second, five views, asked all the time`);
    const { totals, expected, ...figures } = await run("append-to-visible", { directory, events: appended, eventsPerSecond: EVENTS_PER_SECOND, warmUpMs });
    checkTotals("the views", totals, expected);
    const goals = [goal("append to visible p99, ms", figures.visible.p99Ms, { most: 100 })];
    log(latencyLine("millrace, visible in an answer", figures.visible));
    log(latencyLine("confirmed as durable by the log", figures.appended));
    log(latencyLine("JSON.parse and maps, in memory", figures.naive));
    log(`${latencyLine("one question", figures.answer)} over ${figures.answers}`);
    log(`  ${figures.cpuShare.toFixed(2)} CPU-s a second, peak ${Math.round(figures.peakMb)} MB; ${Math.round(figures.eventsPerSecond).toLocaleString("en")} events/s were appended`);
    for (const each of goals) log(goalLine(each));
    log("  no answer counted less than its offsets say; totals of all views agree");
    return { ...figures, goals };
  });
}
