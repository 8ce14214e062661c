import { systemClock, type Clock } from "millrace";

/**
 * The broker's clock of a live run that starts with a backfill: it stands where the backfill has come to, and becomes
 * the system's once the backfill has caught up.
 */
export class BackfillClock implements Clock {
  readonly #system = systemClock();
  #standsAt: number | undefined;

  constructor(startMs: number) {
    this.#standsAt = startMs;
  }

  now(): number {
    return this.#standsAt ?? this.#system.now();
  }

  /** Moves on within the backfill. */
  advanceTo(instant: number): void {
    if (this.#standsAt !== undefined && instant > this.#standsAt) this.#standsAt = instant;
  }

  goLive(): void {
    this.#standsAt = undefined;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#system.sleep(ms, signal);
  }
}
