import { Credits } from "@millrace/core";
import type { Clock, RawBatch } from "@millrace/core";

/**
 * The records of one partition that were read and are not released yet, bounded by `maxRecords`: the source reserves
 * room before it reads on, and progress releases what lies below an offset. Memory: the offsets of the records in flight.
 */
export class InFlight {
  readonly #credits: Credits;
  readonly #clock: Pick<Clock, "now">;
  readonly #batches: { readonly offsets: Float64Array; released: number }[] = [];
  #reserved = 0;
  #reservedAt = 0;

  constructor(maxRecords: number, clock: Pick<Clock, "now">) {
    this.#credits = new Credits(maxRecords);
    this.#clock = clock;
  }

  /** Records read and not released. */
  get outstanding(): number {
    return this.#credits.inFlight - this.#reserved;
  }

  /** Since when there has been room that was not taken yet, by the clock: the source is reading. */
  get readingSince(): number | undefined {
    return this.#reserved > 0 ? this.#reservedAt : undefined;
  }

  /** Resolves once `records` more fit; one reservation at a time. Rejects with the signal's reason when aborted. */
  async reserve(records: number, signal: AbortSignal): Promise<void> {
    await this.#credits.acquire(records, signal);
    this.#reserved = records;
    this.#reservedAt = this.#clock.now();
  }

  /** Takes the records read; what was reserved beyond them is free again. */
  take(raw: RawBatch): void {
    this.#credits.release(this.#reserved - raw.length);
    this.#reserved = 0;
    if (raw.length > 0) this.#batches.push({ offsets: raw.offsets, released: 0 });
  }

  /** Releases the records below `until`. */
  release(until: number): void {
    let count = 0;
    for (let first = this.#batches[0]; first !== undefined; first = this.#batches[0]) {
      const { offsets } = first;
      let released = first.released;
      if (offsets[offsets.length - 1]! < until) released = offsets.length;
      else while (offsets[released]! < until) released++;
      count += released - first.released;
      first.released = released;
      if (released < offsets.length) break;
      this.#batches.shift();
    }
    if (count > 0) this.#credits.release(count);
  }
}
