import { normalInt64, type DimensionValue, type PartialBatch } from "@millrace/core";
import { groupKey } from "./group-key.js";

/**
 * Finds rows by their window and dimensions. Every distinct value of a column has a number, and a group's key is made of
 * these: looking up a text compares no more than the text, whose hash the engine keeps. Tables with more combinations than
 * exact integers go by texts.
 */
export class GroupIndex {
  /** Of windows, then of each dimension. */
  readonly #codes: readonly ReadonlyMap<DimensionValue, number>[];
  readonly #rows = new Map<number | string, number>();
  readonly #byText: boolean;

  constructor(table: PartialBatch) {
    const columns: readonly ArrayLike<DimensionValue>[] = [table.windows, ...table.dimensions];
    this.#codes = columns.map((column) => {
      const codes = new Map<DimensionValue, number>();
      for (let row = 0; row < table.length; row++) {
        const value = normal(column[row]!);
        if (!codes.has(value)) codes.set(value, codes.size);
      }
      return codes;
    });
    this.#byText = this.#codes.reduce((product, { size }) => product * size, 1) > Number.MAX_SAFE_INTEGER;
    for (let row = 0; row < table.length; row++) {
      this.#rows.set(this.#key(table.windows[row]!, table.dimensions.map((column) => column[row]!))!, row);
    }
  }

  /** The row of a group, or -1. */
  find(window: number, dimensions: readonly DimensionValue[]): number {
    const key = this.#key(window, dimensions);
    return key === undefined ? -1 : (this.#rows.get(key) ?? -1);
  }

  /** Undefined where a value is in no row. */
  #key(window: number, dimensions: readonly DimensionValue[]): number | string | undefined {
    if (this.#byText) return groupKey(window, dimensions);
    let key = this.#codes[0]!.get(window);
    for (let d = 0; d < dimensions.length && key !== undefined; d++) {
      const codes = this.#codes[d + 1]!;
      const code = codes.get(normal(dimensions[d]!));
      key = code === undefined ? undefined : key * codes.size + code;
    }
    return key;
  }
}

/** Integers are the same as number and as bigint. */
const normal = (value: DimensionValue): DimensionValue => (typeof value === "bigint" ? normalInt64(value) : value);
