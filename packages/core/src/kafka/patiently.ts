import { onAbort } from "../delivery/on-abort.js";
import { orAborted } from "../delivery/or-aborted.js";
import { MillraceError } from "../errors/millrace-error.js";

const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Repeats what fails with a retryable error until `patienceMs` are over, with pauses that double up to a second; then
 * rejects with the last error. A broker's death takes a cluster some seconds, and none of them is for the caller to see.
 *
 * Rejects as soon as the signal aborts: an attempt that takes none runs on, unheard.
 */
export async function patiently<T>(patienceMs: number, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
    signal.throwIfAborted();
    try {
      return await orAborted(attempt(), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof MillraceError && error.retryable) || performance.now() + pauseMs > deadline) throw error;
      await pause(pauseMs, signal);
    }
  }
}

/** Real time: what is waited for is a broker. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
  });
}
