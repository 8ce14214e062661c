import type { ColumnVector } from "../events/column-vector.js";
import type { ColumnBatch } from "../events/event-batch.js";

/** A column that holds numbers. */
export function numericVector(batch: ColumnBatch, column: string): Exclude<ColumnVector, { kind: "text" | "boolean" }> {
  const vector = batch.columns[column];
  if (vector === undefined || vector.kind === "text" || vector.kind === "boolean") {
    throw new TypeError(`folding column "${column}": it is ${vector?.kind ?? "missing"}, but numbers are needed`);
  }
  return vector;
}
