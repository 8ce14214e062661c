import type { ColumnBatch } from "../events/event-batch.js";
import type { ColumnVector } from "../events/column-vector.js";
import { computedInteger, computedValue, type ComputedInput, type ComputedValue } from "../measures/computed-input.js";

/** The whole numbers that a measure's function makes of the rows. What it throws goes through. */
export function computedSource(cell: string, { columns, compute }: ComputedInput) {
  let values = new BigInt64Array(0);
  let nulls = new Uint8Array(0);
  return (batch: ColumnBatch, from: number, length: number, slots: Int32Array): { readonly values: BigInt64Array; readonly nulls: Uint8Array } => {
    if (values.length < from + length) {
      values = new BigInt64Array(from + length);
      nulls = new Uint8Array(from + length);
    }
    const vectors = columns.map((column) => batch.columns[column]!);
    const given = new Array<ComputedValue>(vectors.length);
    for (let i = 0; i < length; i++) {
      if (slots[i]! < 0) continue;
      const row = from + i;
      const value = readRow(vectors, row, given) ? computedInteger(cell, compute(...given)) : undefined;
      nulls[row] = value === undefined ? 1 : 0;
      values[row] = value ?? 0n;
    }
    return { values, nulls };
  };
}

/** False where one of them is null. */
function readRow(vectors: readonly ColumnVector[], row: number, given: ComputedValue[]): boolean {
  for (let v = 0; v < vectors.length; v++) {
    const vector = vectors[v]!;
    if (vector.kind === "text") {
      const code = vector.codes[row]!;
      if (code < 0) return false;
      given[v] = vector.dictionary.text(code);
      continue;
    }
    if (vector.nulls?.[row] === 1) return false;
    given[v] = vector.kind === "boolean" ? vector.values[row] === 1 : computedValue(vector, vector.values[row]!);
  }
  return true;
}
