import { retrying, silent, systemClock } from "@millrace/core";
import type { Clock, Retry, Telemetry } from "@millrace/core";
import { seededRandom } from "./seeded-random.js";

/** What every operator that writes takes. */
export interface DeliveryOptions {
  /** What pauses are measured by, and in `foldViews` expiry. Default: the system's. */
  readonly clock?: Clock;
  /** How long a call that fails and says it is retryable is repeated, ms, before the pipeline stops. Default 5 minutes. */
  readonly retryForMs?: number;
  /** In `[0, 1)`, for the jitter of retries. Default: repeats from a fixed seed. */
  readonly random?: () => number;
  readonly telemetry?: Telemetry;
}

/** Long enough for a node of a store to come back; what waits is bounded by the credits. */
export const DEFAULT_RETRY_FOR_MS = 300_000;

/** The options with their defaults, and the retries they describe. */
export function resolveDelivery(options: DeliveryOptions): { readonly retry: Retry; readonly clock: Clock; readonly telemetry: Telemetry } {
  const { clock = systemClock(), retryForMs = DEFAULT_RETRY_FOR_MS, random = seededRandom("delivery"), telemetry = silent } = options;
  return { retry: retrying({ maxAttempts: Infinity, maxElapsedMs: retryForMs }, { clock, random, telemetry }), clock, telemetry };
}
