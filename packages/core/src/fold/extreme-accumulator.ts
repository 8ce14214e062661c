import type { ColumnBatch } from "../events/event-batch.js";
import type { CellValue } from "../measures/cell.js";
import { normalInt64 } from "../measures/int64.js";
import type { CellAccumulator } from "./cell-accumulator.js";
import type { NumericSource } from "./numeric-source.js";

/** Smallest or largest values; null where there was none. */
export class ExtremeAccumulator implements CellAccumulator {
  readonly #source: NumericSource;
  readonly #isMin: boolean;
  #capacity = 0;
  /** NaN is "none": no column holds one. */
  #extremes = new Float64Array(0);
  /** In place of the doubles once a column of bigints was met: a stream's column is always held in the same way. */
  #bigints: BigInt64Array | undefined;
  #seen = new Uint8Array(0);

  constructor(source: NumericSource, isMin: boolean) {
    this.#source = source;
    this.#isMin = isMin;
  }

  grow(capacity: number): void {
    const extremes = new Float64Array(capacity).fill(NaN, this.#capacity);
    extremes.set(this.#extremes);
    this.#extremes = extremes;
    this.#capacity = capacity;
    if (this.#bigints !== undefined) this.#growBigints(this.#bigints);
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const { values, nulls } = this.#source(batch, from, length, slots);
    if (!(values instanceof Float64Array)) return this.#addBigints(values, nulls, from, length, slots);
    const extremes = this.#extremes;
    const isMin = this.#isMin;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0 || (nulls !== undefined && nulls[from + i] === 1)) continue;
      const value = values[from + i]!;
      // Written so that NaN gives way.
      if (isMin ? !(extremes[slot]! <= value) : !(extremes[slot]! >= value)) extremes[slot] = value;
    }
  }

  value(slot: number): CellValue {
    if (this.#bigints !== undefined) return this.#seen[slot] === 1 ? normalInt64(this.#bigints[slot]!) : null;
    const extreme = this.#extremes[slot]!;
    return Number.isNaN(extreme) ? null : extreme;
  }

  clear(size: number): void {
    this.#extremes.fill(NaN, 0, size);
    this.#seen.fill(0, 0, size);
  }

  #addBigints(values: BigInt64Array, nulls: Uint8Array | undefined, from: number, length: number, slots: Int32Array): void {
    const extremes = this.#bigints ?? this.#growBigints(new BigInt64Array(0));
    const seen = this.#seen;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0 || (nulls !== undefined && nulls[from + i] === 1)) continue;
      const value = values[from + i]!;
      if (seen[slot] === 0 || (this.#isMin ? value < extremes[slot]! : value > extremes[slot]!)) extremes[slot] = value;
      seen[slot] = 1;
    }
  }

  #growBigints(old: BigInt64Array): BigInt64Array {
    const extremes = new BigInt64Array(this.#capacity);
    extremes.set(old);
    const seen = new Uint8Array(this.#capacity);
    seen.set(this.#seen);
    this.#seen = seen;
    return (this.#bigints = extremes);
  }
}
