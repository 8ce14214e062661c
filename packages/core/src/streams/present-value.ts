import type { Literal } from "../expressions/predicate-node.js";
import type { ColumnDefinition } from "./column-definition.js";
import { textFromScaled } from "./decimal-text.js";

/**
 * From the inside form of a column's value ({@link Literal}) to what users see: timestamps as `Date`, decimals as number
 * or text, integers as declared. The way back is `convertLiteral`.
 */
export function presentValue(column: ColumnDefinition, value: Literal | null): unknown {
  if (value === null) return null;
  switch (column.kind) {
    case "timestamp":
      return new Date(Number(value));
    case "int64":
      return column.as === "bigint" ? BigInt(value) : Number(value);
    case "decimal": {
      const scale = column.scale ?? 0;
      return column.as === "string" ? textFromScaled(value as number | bigint, scale) : Number(value) / 10 ** scale;
    }
    case "text":
    case "boolean":
    case "float64":
      return value;
  }
}
