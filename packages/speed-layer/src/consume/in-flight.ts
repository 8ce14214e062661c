import type { RawBatch } from "@millrace/core";
import { resumed } from "../tasks/resumed.js";

/**
 * The records of one partition that were read and are not released yet, bounded by `maxRecords`: the source reserves
 * room before it reads on. Memory: the offsets of the records in flight.
 */
export class InFlight {
  readonly #maxRecords: number;
  readonly #batches: { readonly offsets: Float64Array; released: number }[] = [];
  #outstanding = 0;
  #resume: (() => void) | undefined;

  constructor(maxRecords: number) {
    this.#maxRecords = maxRecords;
  }

  /** Records read and not released. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Resolves once `records` more fit; one reservation at a time. Rejects with the signal's reason when aborted. */
  async reserve(records: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#outstanding + records > this.#maxRecords) {
      await resumed((resume) => {
        this.#resume = resume;
      }, signal);
      this.#resume = undefined;
    }
  }

  /** Counts the records that were read. */
  take(raw: RawBatch): void {
    if (raw.length === 0) return;
    this.#outstanding += raw.length;
    this.#batches.push({ offsets: raw.offsets, released: 0 });
  }

  /** Releases the records below `until`. */
  release(until: number): void {
    let first = this.#batches[0];
    while (first !== undefined) {
      let released = first.released;
      const { offsets } = first;
      if (offsets[offsets.length - 1]! < until) released = offsets.length;
      else while (offsets[released]! < until) released++;
      this.#outstanding -= released - first.released;
      first.released = released;
      if (released < offsets.length) break;
      this.#batches.shift();
      first = this.#batches[0];
    }
    this.#resume?.();
  }
}
