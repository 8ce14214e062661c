import { onAbort } from "./on-abort.js";

interface Waiting {
  readonly records: number;
  readonly resume: () => void;
}

/**
 * Bounds what was read and is not durable yet: a source acquires credits for a batch before it reads on, and they come
 * back through {@link Credits.release} when the batch's progress is durable. First come, first served.
 */
export class Credits {
  readonly #maxInFlight: number;
  #inFlight = 0;
  readonly #waiting: Waiting[] = [];

  /** @throws {RangeError} unless `maxInFlight` (records) is a positive integer. */
  constructor(maxInFlight: number) {
    if (!Number.isInteger(maxInFlight) || maxInFlight < 1) throw new RangeError(`bounding records in flight by ${maxInFlight}: a positive integer is needed`);
    this.#maxInFlight = maxInFlight;
  }

  /** Records acquired and not released. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Resolves when `records` more fit. More than fit at all are let through alone, when nothing else is in flight: one
   * large batch must not stop the source for ever. Rejects with the signal's reason when aborted; then nothing was taken.
   */
  async acquire(records: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.length === 0 && this.#fits(records)) {
      this.#inFlight += records;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        records,
        resume: () => {
          stop();
          resolve();
        },
      };
      const stop = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason as Error);
        // What waited behind a large one may fit.
        this.#resume();
      });
      this.#waiting.push(waiting);
    });
  }

  /** @throws {RangeError} when more would be released than is in flight: credits would be invented. */
  release(records: number): void {
    if (records > this.#inFlight) throw new RangeError(`releasing ${records} records, but ${this.#inFlight} are in flight`);
    this.#inFlight -= records;
    this.#resume();
  }

  #fits(records: number): boolean {
    return this.#inFlight === 0 || this.#inFlight + records <= this.#maxInFlight;
  }

  #resume(): void {
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.records)) {
      const next = this.#waiting.shift()!;
      this.#inFlight += next.records;
      next.resume();
    }
  }
}
