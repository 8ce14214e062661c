import { MillraceError, silent, systemClock } from "@millrace/core";
import type { Clock, Telemetry } from "@millrace/core";
import type { Retry } from "./retry.js";

/** What every operator that writes takes. */
export interface DeliveryOptions {
  /** What pauses and durations are measured by. Default: the system's. */
  readonly clock?: Clock;
  /** In `[0, 1)`, for the jitter of retries. Default: none. */
  readonly random?: () => number;
  readonly telemetry?: Telemetry;
}

export function resolveDelivery({ clock = systemClock(), telemetry = silent }: DeliveryOptions): { readonly retry: Retry; readonly clock: Clock } {
  const retry: Retry = async (operation, attempt, signal) => {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MillraceError) || !error.retryable || tries === 5) throw error;
        telemetry({ type: "RetryScheduled", operation, attempt: tries, delayMs: 100, error });
        await clock.sleep(100, signal);
      }
    }
  };
  return { retry, clock };
}
