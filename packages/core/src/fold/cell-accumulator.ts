import type { ColumnBatch } from "../events/event-batch.js";
import type { CellValue } from "../measures/cell.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { CustomAccumulator } from "./custom-accumulator.js";
import { CountAccumulator } from "./count-accumulator.js";
import { ExtremeAccumulator } from "./extreme-accumulator.js";
import { numericSource } from "./numeric-source.js";
import { RankSketchAccumulator } from "./rank-sketch-accumulator.js";
import { CountSketchAccumulator } from "./count-sketch-accumulator.js";
import { ExactSumAccumulator, FloatSumAccumulator } from "./sum-accumulator.js";

/** One cell of all rows (slots) of a fold. Slots are dense from 0. */
export interface CellAccumulator {
  /** Room for slots below `capacity`; new ones are the cell's zero. */
  grow(capacity: number): void;
  /** Adds rows `from` on of the batch: row `from + i` to slot `slots[i]`, not at all where that is negative. */
  add(batch: ColumnBatch, from: number, length: number, slots: Int32Array): void;
  value(slot: number): CellValue;
  /** The first `size` slots become zero; buffers are kept. */
  clear(size: number): void;
}

export function cellAccumulator(cell: MeasureCell): CellAccumulator {
  switch (cell.combine) {
    case "sum":
      if (cell.input.of === "one" || cell.input.of === "notNull") return new CountAccumulator(cell.input.of === "one" ? undefined : cell.input.column);
      return cell.type === "float64" ? new FloatSumAccumulator(numericSource(cell)) : new ExactSumAccumulator(cell.name, numericSource(cell));
    case "min":
    case "max":
      return new ExtremeAccumulator(numericSource(cell), cell.combine === "min");
    case "maxByKey":
      return new RankSketchAccumulator(coordinateOf(cell));
    case "sumByKey":
      return new CountSketchAccumulator(coordinateOf(cell));
    case "custom":
      return new CustomAccumulator(cell);
  }
}

function coordinateOf({ name, combine, input }: MeasureCell) {
  if (input.of === "coordinate") return input.coordinate;
  throw new TypeError(`folding cell "${name}": ${combine} takes a sketch coordinate, not "${input.of}"`);
}
