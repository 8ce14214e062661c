import { describe } from "../configuration/names.js";
import { INT64_MAX, INT64_MIN, normalInt64 } from "../measures/int64.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { scaledFromText } from "../streams/decimal-text.js";
import type { Literal } from "./predicate-node.js";

/** A value that is none of a column's, and why. */
export interface NoLiteral {
  readonly problem: string;
}

/**
 * From what a user writes to the form in which the column holds it inside: decimals scaled exactly, timestamps as epoch
 * ms, integers as number while safe and bigint beyond. Nothing is rounded: a value that the column cannot hold is told.
 */
export function convertLiteral(column: ColumnDefinition, value: unknown): { readonly literal: Literal } | NoLiteral {
  switch (column.kind) {
    case "text":
      if (typeof value !== "string") return no("a text", value);
      // A lone surrogate has no UTF-8 form, so no record can hold it.
      return /\p{Surrogate}/u.test(value) ? { problem: `${describe(value)} has half of a surrogate pair` } : { literal: value };
    case "boolean":
      return typeof value === "boolean" ? { literal: value } : no("true or false", value);
    case "float64":
      return typeof value === "number" && Number.isFinite(value) ? { literal: value } : no("a finite number", value);
    case "timestamp": {
      const ms = value instanceof Date ? value.getTime() : Number.NaN;
      return Number.isNaN(ms) ? no("a valid Date", value) : { literal: ms };
    }
    case "int64":
      if (typeof value === "bigint") return inInt64(value, value);
      if (typeof value === "number" && Number.isSafeInteger(value)) return { literal: value === 0 ? 0 : value };
      return no("a whole number up to 2^53, or a bigint", value);
    case "decimal": {
      const scale = column.scale ?? 0;
      if (typeof value === "bigint") return inInt64(value * 10n ** BigInt(scale), value);
      if (typeof value !== "string" && !(typeof value === "number" && Number.isFinite(value))) return no("a number, or a text such as \"1.50\"", value);
      const scaled = scaledFromText(String(value), scale);
      return scaled === undefined ? { problem: `${describe(value)} is not a decimal of at most ${scale} digits after the point` } : inInt64(scaled, value);
    }
  }
}

function inInt64(inside: bigint, value: unknown): { readonly literal: Literal } | NoLiteral {
  return inside < INT64_MIN || inside > INT64_MAX ? { problem: `${describe(value)} is beyond 64 bits` } : { literal: normalInt64(inside) };
}

function no(expected: string, value: unknown): NoLiteral {
  return { problem: `${expected} is needed, not ${describe(value)}` };
}
