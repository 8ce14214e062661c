import type { ColumnDefinition } from "../streams/column-definition.js";
import { textFromScaled } from "../streams/decimal-text.js";
import type { CellValue } from "./cell.js";
import { PrecisionError } from "./precision-error.js";

/**
 * An exact int64 cell of a numeric or timestamp column, as the column declares. A decimal as number is the double
 * nearest to the exact value.
 *
 * @throws {PrecisionError} when the declared form is number and the integer is beyond 2^53.
 */
export function presentExact(measure: string, column: ColumnDefinition, value: number | bigint): unknown {
  switch (column.kind) {
    case "timestamp":
      return new Date(Number(value));
    case "decimal": {
      const scale = column.scale ?? 0;
      if (column.as === "string") return textFromScaled(value, scale);
      return safe(measure, value, `declare the column as decimal(${scale}, "string")`) / 10 ** scale;
    }
    case "float64":
      return Number(value);
    default:
      return column.as === "bigint" ? BigInt(value) : safe(measure, value, 'declare the column as int64("bigint")');
  }
}

/** A count as number. */
export function presentCount(measure: string, value: CellValue): number {
  return safe(measure, exactCell(value), "count over a shorter range");
}

/** An int64 sum cell. */
export function exactCell(value: CellValue | undefined): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new TypeError(`presenting a measure: ${value === null || value === undefined ? "null" : "bytes"} where an integer is kept`);
}

function safe(measure: string, value: number | bigint, advice: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "bigint" && value >= -9007199254740991n && value <= 9007199254740991n) return Number(value);
  throw new PrecisionError(measure, value, advice);
}

/** A sketch cell. */
export function sketchCell(value: CellValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`presenting a measure: ${typeof value} where a sketch is kept`);
}
