import { textFromScaled } from "../streams/decimal-text.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { Literal } from "./predicate-node.js";
import { printPredicate } from "./print-predicate.js";

/** What engines spell differently. */
export interface SqlSpelling {
  /** A name, quoted. */
  readonly identifier: (name: string) => string;
  /** A text, escaped. */
  readonly text: (value: string) => string;
  /** The timestamp of an expression of epoch ms. */
  readonly timestamp: (epochMs: string) => string;
  /** The epoch ms of a timestamp expression. */
  readonly epochMs: (timestamp: string) => string;
  /** Names of types: of texts, of timestamps in master files, of the widest exact integers, of bytes, of a map from key to count. */
  readonly types: { readonly text: string; readonly timestamp: string; readonly widest: string; readonly bytes: string; readonly sketch: string };
}

/** The part of a dialect that engines have in common but for their spelling. */
export function commonSql(spelling: SqlSpelling): Pick<SqlDialect, "identifier" | "literal" | "columnType" | "cellType" | "wideSum" | "insideInteger" | "epochMs" | "timestamp" | "predicate"> {
  const { identifier, text, timestamp, epochMs, types } = spelling;
  /** A literal as a column of that kind holds it inside. */
  const columnLiteral = (value: Literal, { kind, scale = 0 }: ColumnDefinition): string => {
    switch (kind) {
      case "timestamp":
        return timestamp(String(value));
      case "decimal":
        return `CAST('${textFromScaled(BigInt(value as number | bigint), scale)}' AS DECIMAL(38, ${scale}))`;
      case "float64":
        return `CAST('${String(value)}' AS DOUBLE)`;
      case "int64":
        return `CAST(${String(value)} AS BIGINT)`;
      case "text":
        return text(value as string);
      case "boolean":
        return value === true ? "TRUE" : "FALSE";
    }
  };
  return {
    identifier,
    timestamp,
    epochMs,
    literal(value) {
      if (value === null) return "NULL";
      if (value instanceof Date) return timestamp(String(value.getTime()));
      if (typeof value === "string") return text(value);
      if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
      if (typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0))) return `${value}`;
      return `CAST('${Object.is(value, -0) ? "-0.0" : value}' AS DOUBLE)`;
    },
    columnType({ kind, scale, as }) {
      switch (kind) {
        case "int64":
          return "BIGINT";
        case "decimal":
          // As text it may be any int64, which has 19 digits; as a number it has fewer than 18.
          return `DECIMAL(${as === "string" ? 19 : 18}, ${scale ?? 0})`;
        case "float64":
          return "DOUBLE";
        case "text":
          return types.text;
        case "boolean":
          return "BOOLEAN";
        case "timestamp":
          return types.timestamp;
      }
    },
    cellType(type) {
      switch (type) {
        case "int64":
          return "BIGINT";
        case "float64":
          return "DOUBLE";
        case "sketch":
          return types.sketch;
        case "bytes":
          return types.bytes;
      }
    },
    wideSum: (expression) => `sum(CAST(${expression} AS ${types.widest}))`,
    insideInteger(expression, { kind, scale }) {
      const whole = kind === "timestamp" ? epochMs(expression) : kind === "decimal" ? `${expression} * CAST(1${"0".repeat(scale ?? 0)} AS DECIMAL(19, 0))` : expression;
      return `CAST(${whole} AS ${types.widest})`;
    },
    predicate: (node, columns) => printPredicate(node, columns, { identifier, literal: columnLiteral }),
  };
}
