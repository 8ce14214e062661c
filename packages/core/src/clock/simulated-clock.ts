import { onAbort } from "../delivery/on-abort.js";
import type { Clock } from "../ports/clock.js";

/** A clock that stands still until it is told to move: tests and simulated pasts run on it. */
export interface SimulatedClock extends Clock {
  /**
   * Moves forward by `ms`, stopping at every sleeper's instant on the way and letting the program run there until only
   * I/O is left to wait for, so that whoever sleeps again within the span is woken within it. Resolves at the new time.
   */
  advance(ms: number): Promise<void>;
  /** Jumps to `instant` (epoch ms), also backwards, and wakes those who are due, in order. Returns before they have run. */
  set(instant: number): void;
  /** How many sleep. */
  readonly sleepers: number;
  /** When the next sleeper is due, epoch ms, or undefined. */
  readonly nextWakeAt: number | undefined;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that starts at `startMs` (epoch ms). Sleepers wake in the order of their instants, then of their calls: runs repeat exactly. */
export function simulatedClock(startMs: number): SimulatedClock {
  let now = startMs;
  // Sorted by instant, then by call.
  const sleeping: Sleeper[] = [];

  const wakeDue = (): void => {
    while (sleeping.length > 0 && sleeping[0]!.at <= now) sleeping.shift()!.wake();
  };

  return {
    now: () => now,
    sleep(ms, signal) {
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      if (ms <= 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            stop();
            resolve();
          },
        };
        const stop = onAbort(signal, () => {
          const index = sleeping.indexOf(sleeper);
          if (index >= 0) sleeping.splice(index, 1);
          reject(signal.reason as Error);
        });
        let index = sleeping.length;
        while (index > 0 && sleeping[index - 1]!.at > sleeper.at) index--;
        sleeping.splice(index, 0, sleeper);
      });
    },
    async advance(ms) {
      const target = now + ms;
      await settled();
      while (sleeping.length > 0 && sleeping[0]!.at <= target) {
        now = Math.max(now, sleeping[0]!.at);
        wakeDue();
        await settled();
      }
      now = Math.max(now, target);
      wakeDue();
      await settled();
    },
    set(instant) {
      now = instant;
      wakeDue();
    },
    get sleepers() {
      return sleeping.length;
    },
    get nextWakeAt() {
      return sleeping[0]?.at;
    },
  };
}

/** Every microtask runs before the next immediate, so all that does not wait for I/O or a clock has happened then. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
