import { onAbort } from "../delivery/on-abort.js";
import type { LmdbEnvironment } from "./lmdb-environment.js";

/** Polls of other processes' commits: the first after a change, and the slowest when nothing has changed for long. */
const SHORTEST_POLL_MS = 2;
const LONGEST_POLL_MS = 20;
const SLOWER = 1.25;

/**
 * Wakes readings that wait at the end of the log. Commits of this process wake them at once; those of others are seen
 * by one timer that reads one counter, every 2 ms while changes come and up to every 20 ms when they do not. The timer
 * runs only while someone waits.
 */
export class ChangeWatch {
  readonly #counter: () => number;
  /** Each with the state it has seen: readings do not see the same snapshot, so one of them may know less than another. */
  readonly #waiting = new Map<() => void, number>();
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;
  #pollMs = SHORTEST_POLL_MS;

  /** `counter` reads, from the newest snapshot, what every committed change raises. */
  constructor(environment: LmdbEnvironment, counter: () => number) {
    this.#counter = counter;
    this.#stop = environment.onCommit(() => this.wake());
  }

  /** Resolves once the counter differs from `seen`, or the watch is woken; rejects when aborted. */
  changed(seen: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const done = (): void => {
        this.#waiting.delete(onChange);
        stop();
        if (this.#waiting.size === 0) this.#rest();
      };
      const onChange = (): void => {
        done();
        resolve();
      };
      const stop = onAbort(signal, () => {
        done();
        reject(signal.reason as Error);
      });
      this.#waiting.set(onChange, seen);
      this.#timer ??= setTimeout(this.#poll, this.#pollMs);
    });
  }

  wake(): void {
    this.#pollMs = SHORTEST_POLL_MS;
    for (const onChange of [...this.#waiting.keys()]) onChange();
  }

  close(): void {
    this.#stop();
    this.wake();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #poll = (): void => {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    const now = this.#counter();
    const behind = [...this.#waiting].filter(([, seen]) => seen !== now);
    this.#pollMs = behind.length > 0 ? SHORTEST_POLL_MS : Math.min(this.#pollMs * SLOWER, LONGEST_POLL_MS);
    for (const [onChange] of behind) onChange();
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(this.#poll, this.#pollMs);
  };
}
