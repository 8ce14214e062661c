import type { Clock } from "@millrace/core";
import { resumed } from "../tasks/resumed.js";

/** Wakes one waiter when something happened, or when time is up. */
export class Pacing {
  readonly #timers: Clock;
  #wake: (() => void) | undefined;

  constructor(timers: Clock) {
    this.#timers = timers;
  }

  /** Something happened: the waiter, if there is one, looks again. */
  notify(): void {
    this.#wake?.();
  }

  /** Resolves once `ready()`, looked at now and after each {@link notify}; rejects with the signal's reason. */
  async until(ready: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (!ready()) await this.#notified(signal);
  }

  /** As {@link until}, but for `ms` at most. */
  async untilOrFor(ready: () => boolean, ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (ms <= 0 || ready()) return;
    const timer = new AbortController();
    let due = false;
    const slept = this.#timers.sleep(ms, timer.signal).then(
      () => {
        due = true;
        this.#wake?.();
      },
      (error: unknown) => {
        if (!timer.signal.aborted) throw error;
      },
    );
    try {
      while (!due && !ready()) await this.#notified(signal);
    } finally {
      timer.abort();
      await slept;
    }
  }

  async #notified(signal: AbortSignal): Promise<void> {
    try {
      await resumed((resume) => {
        this.#wake = resume;
      }, signal);
    } finally {
      this.#wake = undefined;
    }
  }
}
