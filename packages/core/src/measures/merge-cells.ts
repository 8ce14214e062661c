import type { CellValue } from "./cell.js";
import { INT64_MAX, INT64_MIN, normalInt64 } from "./int64.js";
import type { MeasureCell } from "./measure-definition.js";
import { OverflowError } from "./overflow-error.js";
import { emptySketch, mergeSketch } from "./sketch.js";

/** What {@link mergeCell} reads of a cell. */
export type MergeableCell = Pick<MeasureCell, "name" | "type" | "combine" | "custom">;

/** The neutral value of a cell, new at every call where it is bytes. */
export function zeroOf(cell: MergeableCell): CellValue {
  switch (cell.combine) {
    case "sum":
      return 0;
    case "min":
    case "max":
      return null;
    case "maxByKey":
    case "sumByKey":
      return emptySketch();
    case "custom": {
      const { zero, encode } = customOf(cell);
      return encode(zero());
    }
  }
}

/**
 * Two values of one cell, combined: commutative, associative, with {@link zeroOf} neutral. Integers are exact. Neither
 * argument is changed; the result may be one of them.
 *
 * @throws {OverflowError} when an int64 sum leaves int64.
 */
export function mergeCell(cell: MergeableCell, a: CellValue, b: CellValue): CellValue {
  switch (cell.combine) {
    case "sum":
      return cell.type === "float64" ? number(cell, a) + number(cell, b) : addInt64(cell.name, integer(cell, a), integer(cell, b));
    case "min":
      return a === null ? b : b === null ? a : integer(cell, b) < integer(cell, a) ? b : a;
    case "max":
      return a === null ? b : b === null ? a : integer(cell, b) > integer(cell, a) ? b : a;
    case "maxByKey":
    case "sumByKey":
      return mergeSketch(cell.combine, bytes(cell, a), bytes(cell, b));
    case "custom": {
      const { decode, merge, encode } = customOf(cell);
      return encode(merge(decode(bytes(cell, a)), decode(bytes(cell, b))));
    }
  }
}

/**
 * The exact sum of two int64, a number while safe and a bigint beyond.
 *
 * @throws {OverflowError} naming `cell` when it leaves int64.
 */
export function addInt64(cell: string, a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    // Both are safe, so a sum that is safe is exact; one that is not may be rounded and is made again.
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  if (sum < INT64_MIN || sum > INT64_MAX) throw new OverflowError(cell);
  return normalInt64(sum);
}

function integer(cell: MergeableCell, value: CellValue): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new TypeError(`merging cell "${cell.name}": ${value === null ? "null" : "bytes"} where a number is kept`);
}

function number(cell: MergeableCell, value: CellValue): number {
  return Number(integer(cell, value));
}

function bytes(cell: MergeableCell, value: CellValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`merging cell "${cell.name}": ${value === null ? "null" : typeof value} where bytes are kept`);
}

function customOf(cell: MergeableCell): NonNullable<MeasureCell["custom"]> {
  if (cell.custom === undefined) throw new TypeError(`merging cell "${cell.name}": it has no custom measure`);
  return cell.custom;
}
