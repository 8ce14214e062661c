import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { INT64_MAX, INT64_MIN } from "./int64.js";
import { OverflowError } from "./overflow-error.js";

/**
 * A whole number that a cell takes from an event, said twice: as a function of the columns' exact values and in SQL.
 * An event with a null in one of the columns adds nothing.
 */
export interface ComputedInput {
  readonly of: "computed";
  readonly columns: readonly string[];
  /** Of values as `computedValue` gives them; null adds nothing. */
  readonly compute: (...values: readonly ComputedValue[]) => number | bigint | null | undefined;
  /** The expression in a dialect, over the stream's columns. */
  readonly sql: (dialect: SqlDialect, columns: Readonly<Record<string, ColumnDefinition>>) => string;
}

/** Whole numbers, decimals (in units of their last digit) and instants (epoch ms) are bigints. */
export type ComputedValue = bigint | string | boolean;

/** From the inside form of a column's value to what a measure's functions take. */
export function computedValue({ kind }: Pick<ColumnDefinition, "kind">, value: number | bigint | string | boolean): ComputedValue {
  return kind === "text" || kind === "boolean" ? (value as string | boolean) : BigInt(value as number | bigint);
}

/**
 * What `compute` gave, as an int64; undefined where it adds nothing.
 *
 * @throws {RangeError} for a number that is not whole, or so large that it may have been rounded.
 * @throws {OverflowError} beyond int64.
 */
export function computedInteger(cell: string, given: number | bigint | null | undefined): bigint | undefined {
  if (given === null || given === undefined) return undefined;
  if (typeof given !== "bigint" && !Number.isSafeInteger(given)) {
    throw new RangeError(`computing "${cell}" of an event: ${String(given)} is not a whole number within 2^53: compute with bigints, as the values are given`);
  }
  const value = BigInt(given);
  if (value < INT64_MIN || value > INT64_MAX) throw new OverflowError(cell);
  return value;
}

