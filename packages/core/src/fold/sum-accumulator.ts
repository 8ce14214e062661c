import type { ColumnBatch } from "../events/event-batch.js";
import type { CellValue } from "../measures/cell.js";
import { INT64_MAX, INT64_MIN, normalInt64 } from "../measures/int64.js";
import { OverflowError } from "../measures/overflow-error.js";
import type { CellAccumulator } from "./cell-accumulator.js";
import type { NumericSource } from "./numeric-source.js";

/**
 * Exact integer sums: doubles while they are safe, a bigint from then on.
 *
 * `add` throws an {@link OverflowError} when a sum leaves int64; the fold is then of no more use.
 */
export class ExactSumAccumulator implements CellAccumulator {
  readonly #cell: string;
  readonly #source: NumericSource;
  /** NaN where the sum is in `#large`. */
  #sums = new Float64Array(0);
  readonly #large = new Map<number, bigint>();

  constructor(cell: string, source: NumericSource) {
    this.#cell = cell;
    this.#source = source;
  }

  grow(capacity: number): void {
    const sums = new Float64Array(capacity);
    sums.set(this.#sums);
    this.#sums = sums;
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const { values, nulls } = this.#source(batch, from, length, slots);
    const sums = this.#sums;
    if (values instanceof Float64Array) {
      for (let i = 0; i < length; i++) {
        const slot = slots[i]!;
        if (slot < 0 || (nulls !== undefined && nulls[from + i] === 1)) continue;
        const sum = sums[slot]! + values[from + i]!;
        // Both are safe, so a sum within the bounds is exact; NaN is not within them.
        if (sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) sums[slot] = sum;
        else this.#addLarge(slot, BigInt(values[from + i]!));
      }
      return;
    }
    // Small bigints are read as their two halves: reading them as bigints allocates.
    const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0 || (nulls !== undefined && nulls[from + i] === 1)) continue;
      const high = halves[2 * (from + i) + 1]!;
      if (high >= -0x200000 && high < 0x1fffff) {
        const sum = sums[slot]! + (high * 0x100000000 + (halves[2 * (from + i)]! >>> 0));
        if (sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) {
          sums[slot] = sum;
          continue;
        }
      }
      this.#addLarge(slot, values[from + i]!);
    }
  }

  value(slot: number): CellValue {
    const sum = this.#sums[slot]!;
    return Number.isNaN(sum) ? normalInt64(this.#large.get(slot)!) : sum;
  }

  clear(size: number): void {
    this.#sums.fill(0, 0, size);
    this.#large.clear();
  }

  #addLarge(slot: number, value: bigint): void {
    const sum = (this.#large.get(slot) ?? BigInt(this.#sums[slot]!)) + value;
    if (sum < INT64_MIN || sum > INT64_MAX) throw new OverflowError(this.#cell);
    this.#large.set(slot, sum);
    this.#sums[slot] = NaN;
  }
}

/** Sums of doubles, inexact. */
export class FloatSumAccumulator implements CellAccumulator {
  readonly #source: NumericSource;
  #sums = new Float64Array(0);

  constructor(source: NumericSource) {
    this.#source = source;
  }

  grow(capacity: number): void {
    const sums = new Float64Array(capacity);
    sums.set(this.#sums);
    this.#sums = sums;
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const { values, nulls } = this.#source(batch, from, length, slots);
    const sums = this.#sums;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot >= 0 && (nulls === undefined || nulls[from + i] === 0)) sums[slot] = sums[slot]! + Number(values[from + i]);
    }
  }

  value(slot: number): number {
    return this.#sums[slot]!;
  }

  clear(size: number): void {
    this.#sums.fill(0, 0, size);
  }
}
