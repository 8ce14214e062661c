import { retrying, silent, systemClock } from "@millrace/core";
import type { Clock, Retry, RetryPolicy, Telemetry } from "@millrace/core";
import { CallFailedError } from "./call-failed-error.js";
import { seededRandom } from "./seeded-random.js";

/** How a call of the user's own is repeated. */
export interface CallOptions extends Pick<RetryPolicy, "firstDelayMs" | "maxDelayMs"> {
  /** Calls at most, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** Whether a failure may be repeated. Default: every one. */
  readonly retryable?: (error: unknown) => boolean;
  /** What pauses are measured by. Default: the system's. */
  readonly clock?: Clock;
  /** In `[0, 1)`, for the jitter of pauses. Default: repeats from a fixed seed. */
  readonly random?: () => number;
  readonly telemetry?: Telemetry;
}

/** Repeats calls that fail with whatever error, with growing pauses; rejects with a {@link CallFailedError}. */
export function retryCall(options: CallOptions): Retry {
  const { maxAttempts = 5, retryable = () => true, clock = systemClock(), random = seededRandom("calls"), telemetry = silent, firstDelayMs, maxDelayMs } = options;
  const policy: RetryPolicy = { maxAttempts, ...(firstDelayMs === undefined ? {} : { firstDelayMs }), ...(maxDelayMs === undefined ? {} : { maxDelayMs }) };
  const retry = retrying(policy, { clock, random, telemetry });
  return (operation, attempt, signal) =>
    retry(
      operation,
      async (each) => {
        try {
          return await attempt(each);
        } catch (error) {
          if (each.aborted) throw error;
          throw new CallFailedError(operation, error, retryable(error));
        }
      },
      signal,
    );
}
