import { valueAt } from "../events/decoded-batch.js";
import type { ColumnBatch } from "../events/event-batch.js";
import type { CustomMeasureDefinition, MeasureCell } from "../measures/measure-definition.js";
import type { CellAccumulator } from "./cell-accumulator.js";

/** States of a measure of the user's own, event by event through its functions. What they throw goes through. */
export class CustomAccumulator implements CellAccumulator {
  readonly #custom: CustomMeasureDefinition;
  readonly #columns: readonly string[];
  readonly #states: unknown[] = [];
  readonly #isSet: boolean[] = [];

  constructor({ name, input, custom }: MeasureCell) {
    if (custom === undefined || input.of !== "values") throw new TypeError(`folding cell "${name}": it has no custom measure`);
    this.#custom = custom;
    this.#columns = input.columns;
  }

  grow(): void {
    // States are made when their first event comes.
  }

  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const { input, zero, add } = this.#custom;
    const vectors = this.#columns.map((column) => batch.columns[column]!);
    const values = new Array<unknown>(vectors.length);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      for (let v = 0; v < vectors.length; v++) values[v] = valueAt(input[v]!, vectors[v]!, from + i);
      this.#states[slot] = add(this.#isSet[slot] === true ? this.#states[slot] : zero(), ...values);
      this.#isSet[slot] = true;
    }
  }

  value(slot: number): Uint8Array {
    const { zero, encode } = this.#custom;
    return encode(this.#isSet[slot] === true ? this.#states[slot] : zero());
  }

  clear(): void {
    this.#states.length = 0;
    this.#isSet.length = 0;
  }
}
