import type { ColumnBatch } from "../events/event-batch.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { computedSource } from "./computed-source.js";
import { numericVector } from "./numeric-vector.js";

/** Where a cell's numbers come from: row `from + i` of the batch, where `slots[i]` is not negative. Valid until the next call. */
export type NumericSource = (batch: ColumnBatch, from: number, length: number, slots: Int32Array) => Pick<ReturnType<typeof numericVector>, "values" | "nulls">;

export function numericSource(cell: MeasureCell): NumericSource {
  const { input, name, combine } = cell;
  if (input.of === "computed") return computedSource(name, input);
  if (input.of !== "value") throw new TypeError(`folding cell "${name}": a ${combine} takes a column's value, not "${input.of}"`);
  const { column } = input;
  return (batch) => numericVector(batch, column);
}
