import { MillraceError } from "../errors/millrace-error.js";
import type { Clock } from "../ports/clock.js";
import { silent } from "../telemetry/telemetry-event.js";
import type { Telemetry } from "../telemetry/telemetry-event.js";

/** How often, how long and with what pauses a call is repeated that failed with a `retryable` error. */
export interface RetryPolicy {
  /** Calls at most, the first included. Default 8. `Infinity`: until the deadline. */
  readonly maxAttempts?: number;
  /** No call begins later than this after the first one began. Default: no deadline. */
  readonly maxElapsedMs?: number;
  /** The longest pause before the second call; each next one is twice as long. Default 50. */
  readonly firstDelayMs?: number;
  /** No pause is longer. Default 10,000. */
  readonly maxDelayMs?: number;
}

/**
 * Runs `attempt` until it succeeds, its error cannot be retried, or the policy's attempts or time are used up; then
 * rejects with its last error. `operation` says what is being done, for telemetry. Aborted while pausing, it rejects
 * with the signal's reason.
 */
export type Retry = <T>(operation: string, attempt: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Repeats what failed with an error that says `retryable: true`, and nothing else: an unknown error is one of the
 * program until an adapter's table says otherwise. Pauses are exponential with full jitter: uniform in `[0, bound)`, the
 * bound doubling ("Exponential Backoff And Jitter", M. Brooker, AWS Architecture Blog, 2015), so that workers that
 * failed together do not come back together.
 *
 * The package p-retry pauses by `setTimeout` and draws from `Math.random`, so it cannot run on a simulated clock and
 * would not repeat exactly: hence these lines.
 */
export function retrying(
  policy: RetryPolicy,
  { clock, random, telemetry = silent }: { readonly clock: Clock; /** In `[0, 1)`. */ readonly random: () => number; readonly telemetry?: Telemetry },
): Retry {
  const { maxAttempts = 8, maxElapsedMs = Infinity, firstDelayMs = 50, maxDelayMs = 10_000 } = policy;
  return async (operation, attempt, signal) => {
    const deadline = clock.now() + maxElapsedMs;
    for (let attempts = 1; ; attempts++) {
      signal.throwIfAborted();
      try {
        return await attempt(signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof MillraceError && error.retryable) || attempts >= maxAttempts) throw error;
        const delayMs = Math.floor(random() * Math.min(maxDelayMs, firstDelayMs * 2 ** (attempts - 1)));
        if (clock.now() + delayMs > deadline) throw error;
        telemetry({ type: "RetryScheduled", operation, attempt: attempts, delayMs, error });
        await clock.sleep(delayMs, signal);
      }
    }
  };
}
