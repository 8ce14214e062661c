import { drivenClock, readSharedClock, systemClock, writeSharedClock } from "millrace";
import { createMusicEvents } from "../music-events.js";
import { TOPICS } from "../simulator/index.js";
import type { EventTarget } from "./event-target.js";
import { LogTarget } from "./log-target.js";

/** How often other processes are told where simulated time stands. */
const SAY_EVERY_MS = 100;

/** A data directory whose clock is not the one that a run needs. */
export class LogClockError extends Error {
  readonly code = "LOG_CLOCK";
  readonly retryable = false;
}

/**
 * The embedded log of a data directory as a target. A run that is not `continuous` simulates the broker's clock, too:
 * records are appended at the times they are sent at, which must not be before those that the log has already.
 *
 * @throws {LogClockError}
 */
export async function openLog(dataDir: string, startMs: number, continuous: boolean, signal: AbortSignal): Promise<EventTarget> {
  const said = readSharedClock(dataDir);
  if (continuous && said !== undefined) throw new LogClockError(`"${dataDir}" holds simulated time: leave --continuous out, or choose another directory with --data`);
  if (!continuous && said !== undefined && startMs < said) {
    throw new LogClockError(`time in "${dataDir}" has come to ${new Date(said).toISOString()}: start there or later with --from, or choose another directory with --data`);
  }
  const driven = continuous ? undefined : drivenClock(startMs);
  const lambda = createMusicEvents({ dataDir, clock: driven ?? systemClock() });
  try {
    if (driven !== undefined && said === undefined) {
      for (const topic of await lambda.platform.log.topics(signal)) {
        const { partitions } = await lambda.platform.log.describe(topic, signal);
        if (TOPICS.some((own) => own === topic) && partitions.some(({ end }) => end > 0)) {
          throw new LogClockError(`"${dataDir}" holds wall-clock time: simulate with --continuous, or choose another directory with --data`);
        }
      }
    }
    let saidAt = -Infinity;
    const advance = (sentMs: number): void => {
      if (driven === undefined) return;
      driven.advanceTo(sentMs);
      if (performance.now() - saidAt < SAY_EVERY_MS) return;
      saidAt = performance.now();
      writeSharedClock(dataDir, driven.now());
    };
    const target = await LogTarget.create(lambda.platform.log, advance, signal);
    return {
      hasRoomFor: (event) => target.hasRoomFor(event),
      add: (event) => target.add(event),
      flush: (flushSignal) => target.flush(flushSignal),
      close: async () => {
        await lambda.close();
        if (driven !== undefined) writeSharedClock(dataDir, driven.now());
      },
    };
  } catch (error) {
    await lambda.close();
    throw error;
  }
}
