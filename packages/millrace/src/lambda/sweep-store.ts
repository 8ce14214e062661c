import { systemClock, type Platform } from "@millrace/core";

const SWEEP_EVERY_MS = 10 * 60_000;

/** Drops expired rows from a store that does not do so itself, at once and every ten minutes, until the signal aborts. */
export async function sweepStore({ store, clock, timers = systemClock() }: Platform, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await store.sweep(clock.now(), signal);
    await timers.sleep(SWEEP_EVERY_MS, signal);
  }
}
