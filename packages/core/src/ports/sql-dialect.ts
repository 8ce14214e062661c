import type { Literal, PredicateNode } from "../expressions/predicate-node.js";
import type { CellType } from "../measures/cell.js";
import type { ColumnDefinition } from "../streams/column-definition.js";

/** How one engine writes what differs between engines. Pure: text in, text out. */
export interface SqlDialect {
  readonly name: "duckdb" | "spark" | "presto" | "trino";
  /** A name, quoted. */
  identifier(name: string): string;
  /** A value, escaped: text that comes from outside is safe in it. */
  literal(value: Literal | null | Date): string;
  /** A FROM-able expression that reads Parquet files by their uris; missing columns are null. No uris: an empty table of `columns`. */
  scan(uris: readonly string[], columns: Readonly<Record<string, string>>): string;
  /** The SQL type of a declared column in the master files. */
  columnType(column: ColumnDefinition): string;
  /** The SQL type of a cell in a view's table. */
  cellType(type: CellType): string;
  /** A map of a list of keys and one of values. */
  mapOf(keys: string, values: string): string;
  /** The sum over a 64-bit integer expression, wider than 64 bits in between. */
  wideSum(expression: string): string;
  /**
   * The whole number that an int64, decimal (in units of its last digit) or timestamp column (epoch ms) holds inside, in
   * the engine's widest exact integers: at least 128 bits, or 38 digits.
   */
  insideInteger(expression: string, column: ColumnDefinition): string;
  /** Start of the window of `everyMs` that a timestamp expression lies in, as a timestamp. */
  windowStart(timestamp: string, everyMs: number): string;
  /** Epoch ms (bigint) of a timestamp expression. */
  epochMs(timestamp: string): string;
  /** Timestamp of an epoch-ms expression. */
  timestamp(epochMs: string): string;
  /** The UTC date of a timestamp expression. */
  dateOf(timestamp: string): string;
  /** A 64-bit surrogate key: a hash of natural keys, equal on every rebuild. */
  surrogateKey(columns: readonly string[]): string;
  /** A view's filter or a query's, with nulls as TypeScript's fold treats them. */
  predicate(node: PredicateNode, columns: Readonly<Record<string, ColumnDefinition>>): string;
  /** Aggregates `_dd_x`/`_hll12_x` coordinates of a group into a map from coordinate to max rank or count. Needs the dialect's own nesting, see the dialect. */
  sketch(combine: "maxByKey" | "sumByKey", coordinate: string, filter: string | undefined): string;
}
