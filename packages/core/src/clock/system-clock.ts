import { onAbort } from "../delivery/on-abort.js";
import type { Clock } from "../ports/clock.js";

// Longer delays make setTimeout fire at once.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock: the only place of core that reads it. */
export function systemClock(): Clock {
  return SYSTEM_CLOCK;
}

const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    signal.throwIfAborted();
    for (let left = ms; left > 0; left -= LONGEST_TIMEOUT_MS) {
      await timeout(Math.min(left, LONGEST_TIMEOUT_MS), signal);
    }
  },
};

function timeout(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      resolve();
    }, ms);
    const stop = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
