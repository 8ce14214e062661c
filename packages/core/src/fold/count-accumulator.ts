import type { ColumnBatch } from "../events/event-batch.js";
import type { CellAccumulator } from "./cell-accumulator.js";

/** Counts rows, or those where a column is not null. A count stays below the number of offsets, so it is safe. */
export class CountAccumulator implements CellAccumulator {
  readonly #column: string | undefined;
  #counts = new Float64Array(0);

  constructor(column: string | undefined) {
    this.#column = column;
  }

  grow(capacity: number): void {
    const counts = new Float64Array(capacity);
    counts.set(this.#counts);
    this.#counts = counts;
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const counts = this.#counts;
    const vector = this.#column === undefined ? undefined : batch.columns[this.#column]!;
    if (vector?.kind === "text") {
      const { codes } = vector;
      for (let i = 0; i < length; i++) if (slots[i]! >= 0 && codes[from + i]! >= 0) counts[slots[i]!]!++;
    } else if (vector?.nulls !== undefined) {
      const { nulls } = vector;
      for (let i = 0; i < length; i++) if (slots[i]! >= 0 && nulls[from + i] === 0) counts[slots[i]!]!++;
    } else {
      for (let i = 0; i < length; i++) {
        const slot = slots[i]!;
        if (slot >= 0) counts[slot]!++;
      }
    }
  }

  value(slot: number): number {
    return this.#counts[slot]!;
  }

  clear(size: number): void {
    this.#counts.fill(0, 0, size);
  }
}
