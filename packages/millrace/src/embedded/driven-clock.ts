import type { Clock } from "@millrace/core";
import { setTimeout as delay } from "node:timers/promises";

/** A simulated clock that somebody drives. */
export interface DrivenClock extends Clock {
  /** Moves the clock forward to `instant` (epoch ms); an earlier instant changes nothing. */
  advanceTo(instant: number): void;
}

/**
 * Stands still until it is driven, so that a simulated past has a simulated broker clock and the same run gives the same
 * log. Sleeping is pacing, not time: a sleeper wakes when the clock has been driven past its moment, and at the latest
 * after the same span of real time, so that nothing waits for a driver that has finished.
 */
export function drivenClock(startMs: number): DrivenClock {
  let now = startMs;
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => now,
    advanceTo(instant) {
      if (instant <= now) return;
      now = instant;
      for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      if (ms <= 0) return;
      const woken = new AbortController();
      const sleeper = { until: now + ms, wake: () => woken.abort() };
      sleepers.add(sleeper);
      try {
        await delay(ms, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
      } catch {
        signal.throwIfAborted();
      } finally {
        sleepers.delete(sleeper);
      }
    },
  };
}
