import {
  INT64_MAX,
  INT64_MIN,
  OverflowError,
  encodeSketch,
  normalInt64,
  scaledFromText,
  zeroOf,
  type CellValue,
  type ColumnDefinition,
  type DimensionValue,
  type MeasureCell,
  type PartialBatch,
  type SqlValue,
} from "@millrace/core";
import type { QueryPlan } from "../planner/query-plan.js";

/** One block of SQL rows (window unless a total, dimensions, cells) as partials. */
export function partialsOf(plan: QueryPlan, block: readonly (readonly SqlValue[])[]): PartialBatch {
  const windows = new Float64Array(block.length);
  let at = 0;
  if (plan.granularity !== "all") {
    block.forEach((row, i) => (windows[i] = Number(row[0])));
    at = 1;
  }
  const dimensions = plan.by.map(({ column }) => {
    const place = at++;
    return block.map((row) => dimensionOf(column, row[place]!));
  });
  const cells = plan.view.cells.map((cell) => {
    const place = at++;
    return block.map((row) => cellOf(cell, row[place]!));
  });
  return { length: block.length, windows, dimensions, cells };
}

/** As stores hold it: integers are numbers while safe, decimals scaled, timestamps epoch ms. */
export function dimensionOf(column: ColumnDefinition, value: SqlValue): DimensionValue {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint") return normalInt64(value);
  if (typeof value !== "string") throw new TypeError(`reading a dimension of kind "${column.kind}": the engine gave ${Array.isArray(value) ? "a map" : "bytes"}`);
  if (column.kind === "text") return value;
  const scaled = scaledFromText(value, column.kind === "decimal" ? (column.scale ?? 0) : 0);
  if (scaled === undefined) throw new TypeError(`reading a dimension of kind "${column.kind}": the engine gave "${value}"`);
  return normalInt64(scaled);
}

function cellOf(cell: MeasureCell, value: SqlValue): CellValue {
  if (value === null) return zeroOf(cell);
  switch (cell.type) {
    case "int64":
      // The engine's sums are wider: 128 bits, or a decimal as text.
      return typeof value === "number" && Number.isSafeInteger(value) ? value : int64Of(cell, value);
    case "float64":
      return Number(value);
    case "sketch":
      if (cell.combine !== "maxByKey" && cell.combine !== "sumByKey") break;
      if (Array.isArray(value)) return encodeSketch(cell.combine, value as readonly (readonly [number, number | bigint])[]);
      break;
    case "bytes":
      if (value instanceof Uint8Array) return value;
      break;
  }
  throw new TypeError(`reading cell "${cell.name}" of type "${cell.type}": the engine gave ${typeof value}`);
}

function int64Of(cell: MeasureCell, value: SqlValue): number | bigint {
  const exact = typeof value === "bigint" ? value : typeof value === "string" ? scaledFromText(value, 0) : undefined;
  if (exact === undefined) throw new TypeError(`reading cell "${cell.name}": the engine gave ${typeof value} "${String(value)}" for an exact integer`);
  if (exact < INT64_MIN || exact > INT64_MAX) throw new OverflowError(cell.name);
  return normalInt64(exact);
}
