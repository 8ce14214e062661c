import type { Clock } from "millrace";
import { simulateUntil, TOPICS, type SimulatorOptions, type Topic } from "../simulator/index.js";
import type { EventTarget } from "./event-target.js";

/** Timers hold no longer span than 24 days, and a clock may be set. */
const MAX_SLEEP_MS = 3_600_000;

export interface SimulateRun {
  readonly options: SimulatorOptions;
  /** Epoch ms; Infinity: without end. */
  readonly untilMs: number;
  readonly target: EventTarget;
  /** Paces the run: no event is sent before its time. Undefined: as fast as it goes. */
  readonly clock: Clock | undefined;
  /** Called after each flush. */
  readonly onProgress: (sent: Sent) => void;
}

/** What a run has sent. */
export interface Sent {
  readonly byTopic: Readonly<Record<Topic, number>>;
  readonly total: number;
  /** Time of the last event, epoch ms; the start of the simulation before the first. */
  readonly atMs: number;
}

/**
 * Sends a simulation to its target. An abort ends it between two events: what was simulated until then is sent, and the
 * result tells how far it came.
 */
export async function runSimulate({ options, untilMs, target, clock, onProgress }: SimulateRun, signal: AbortSignal): Promise<Sent & { readonly stopped: boolean }> {
  const byTopic = Object.fromEntries(TOPICS.map((topic) => [topic, 0])) as Record<Topic, number>;
  let total = 0;
  let atMs = options.startMs;
  // What has been simulated is sent also when the run is stopped.
  const { signal: never } = new AbortController();
  const flush = async () => {
    await target.flush(never);
    onProgress({ byTopic, total, atMs });
  };

  for (const event of simulateUntil(options, untilMs)) {
    if (clock !== undefined && event.sentMs > clock.now()) {
      await flush();
      await sleepUntil(event.sentMs, clock, signal);
    } else if (!target.hasRoomFor(event)) await flush();
    if (signal.aborted) break;
    target.add(event);
    byTopic[event.topic]++;
    total++;
    atMs = event.sentMs;
  }
  await flush();
  return { byTopic, total, atMs, stopped: signal.aborted };
}

/** Returns early when the signal aborts. */
async function sleepUntil(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    while (clock.now() < ms) await clock.sleep(Math.min(ms - clock.now(), MAX_SLEEP_MS), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
