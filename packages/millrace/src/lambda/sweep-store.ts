import { systemClock, type Platform } from "@millrace/core";

const SWEEP_EVERY_MS = 10 * 60_000;

/** Drops expired rows from a store that does not do so itself, at once and every ten minutes, until the signal aborts. */
export async function sweepStore({ store, clock }: Platform, signal: AbortSignal): Promise<void> {
  const timer = systemClock();
  while (!signal.aborted) {
    await store.sweep(clock.now(), signal);
    await timer.sleep(SWEEP_EVERY_MS, signal);
  }
}
