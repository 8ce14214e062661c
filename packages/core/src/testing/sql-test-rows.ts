import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import type { ColumnVector } from "../events/column-vector.js";
import type { ColumnBatch } from "../events/event-batch.js";
import type { TextDictionary } from "../events/text-dictionary.js";
import type { Literal } from "../expressions/predicate-node.js";
import { INT64_MAX, INT64_MIN, normalInt64 } from "../measures/int64.js";
import { collectRows } from "../ports/collect-rows.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { SqlEngine, SqlResult, SqlValue } from "../ports/sql-engine.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { textFromScaled } from "../streams/decimal-text.js";

const source = { in: "value", path: ["x"] } as const;

/** One column of every kind, in the form that has the largest range. */
export const SQL_TEST_COLUMNS = {
  id: { kind: "int64", as: "bigint", optional: true, source },
  price: { kind: "decimal", as: "string", scale: 5, optional: true, source },
  share: { kind: "float64", optional: true, source },
  words: { kind: "text", optional: true, source },
  paid: { kind: "boolean", optional: true, source },
  at: { kind: "timestamp", unit: "ms", optional: true, source },
} as const satisfies Readonly<Record<string, ColumnDefinition>>;

export type SqlTestColumn = keyof typeof SQL_TEST_COLUMNS;

/** Values as columns hold them inside, see {@link Literal}. */
export type SqlTestRow = Readonly<Record<SqlTestColumn, Literal | null>>;

export const SQL_TEST_COLUMN_NAMES = Object.keys(SQL_TEST_COLUMNS) as readonly SqlTestColumn[];

/** What ends a literal, begins a comment, or is read as an escape somewhere. */
const HOSTILE_TEXTS = [
  "", " ", "'", "''", "\\", "\\'", "\\\\'", '"', "`", ";", "--", "/*", "*/", "'; DROP TABLE t; --", "' OR '1'='1", "\\u0027", "\\n", "\n", "\r\n", "\t", "\0", "a\0b",
  "%", "_", "$1", "$$", "${x}", "{}", "?", ":x", "@x", "#", "null", "NULL", "☃", "é", "ﬀ", "\uffee", "\u{1F600}", "\u{1F468}\u200D\u{1F469}", "\ufeff", "\u202e", "\u2028", "CAST(1 AS INT)",
];

/** Texts that have a UTF-8 form: a lone surrogate has none. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 4 })
  .map((parts) => parts.join(""));

/** 1653 to 2286, in ms: daylight saving, leap seconds and the year 1970 lie within. */
export const instant: fc.Arbitrary<number> = fc.oneof(fc.integer({ min: -(10 ** 13), max: 10 ** 13 }), fc.integer({ min: -100_000_000, max: 100_000_000 }), fc.constantFrom(-1, 0, 1));

const int64: fc.Arbitrary<Literal> = fc.oneof(fc.bigInt({ min: INT64_MIN, max: INT64_MAX }), fc.integer(), fc.constantFrom(INT64_MIN, INT64_MAX, 2n ** 53n, 2n ** 53n - 1n, -1n - 2n ** 53n)).map((value) => normalInt64(BigInt(value)));

export const sqlTestRow: fc.Arbitrary<SqlTestRow> = fc.record({
  id: fc.option(int64),
  price: fc.option(int64),
  share: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  words: fc.option(hostileText),
  paid: fc.option(fc.boolean()),
  at: fc.option(instant),
});

/** An expression of a value, of the type that the dialect says; timestamps of the type of {@link SqlDialect.timestamp}. */
export function sqlOf(dialect: SqlDialect, name: SqlTestColumn, value: Literal | null): string {
  return columnSql(dialect, SQL_TEST_COLUMNS[name], value);
}

/** A value as an expression of its column's type, as in master files. */
export function columnSql(dialect: SqlDialect, column: ColumnDefinition, value: Literal | null): string {
  if (column.kind === "timestamp") return dialect.timestamp(dialect.literal(value));
  const printed = column.kind === "decimal" && value !== null ? textFromScaled(value as number | bigint, column.scale!) : value;
  return `CAST(${dialect.literal(printed)} AS ${dialect.columnType(column)})`;
}

/** A SELECT of rows in no promised order; `n` numbers them from 0. */
export function selectOf(dialect: SqlDialect, rows: readonly SqlTestRow[]): string {
  const name = (column: string): string => dialect.identifier(column);
  return rows.map((row, n) => `SELECT ${n} AS ${name("n")}, ${SQL_TEST_COLUMN_NAMES.map((column) => `${sqlOf(dialect, column, row[column])} AS ${name(column)}`).join(", ")}`).join(" UNION ALL ");
}

/** How an engine gives a row's value. */
export function valueOf(name: SqlTestColumn, value: Literal | null): SqlValue {
  const column: ColumnDefinition = SQL_TEST_COLUMNS[name];
  return value !== null && column.kind === "decimal" ? textFromScaled(value as number | bigint, column.scale!) : value;
}

/** The rows as a decoder would give them. */
export function batchOf(rows: readonly SqlTestRow[]): Pick<ColumnBatch, "length" | "columns"> {
  const texts: string[] = [];
  const dictionary: TextDictionary = {
    get size() {
      return texts.length;
    },
    text: (code) => texts[code]!,
    bytes: (code) => new TextEncoder().encode(texts[code]),
  };
  const code = (text: string): number => (texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1);
  const vector = (name: SqlTestColumn): ColumnVector => {
    const values = rows.map((row) => row[name]);
    const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
    const { kind } = SQL_TEST_COLUMNS[name];
    if (kind === "text") return { kind, codes: Int32Array.from(values, (value) => (value === null ? -1 : code(value as string))), dictionary };
    if (kind === "int64" || kind === "decimal") return { kind, values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)), nulls };
    if (kind === "boolean") return { kind, values: Uint8Array.from(values, Number), nulls };
    return { kind, values: Float64Array.from(values, Number), nulls };
  };
  return { length: rows.length, columns: Object.fromEntries(SQL_TEST_COLUMN_NAMES.map((name) => [name, vector(name)])) };
}

/** A SELECT of the integers in `[0, 10^digits)` as `n`, in no promised order. */
export function integers(dialect: SqlDialect, digits: number): string {
  const n = dialect.identifier("n");
  const int64 = dialect.columnType(SQL_TEST_COLUMNS.id);
  const ten = Array.from({ length: 10 }, (_, i) => `SELECT CAST(${i} AS ${int64}) AS ${n}`).join(" UNION ALL ");
  const tables = Array.from({ length: digits }, (_, i) => `(${ten}) d${i}`);
  return `SELECT ${tables.map((_, i) => `d${i}.${n} * ${10 ** i}`).join(" + ")} AS ${n} FROM ${tables.join(" CROSS JOIN ")}`;
}

/** A law's own number of runs, or fewer where the subject says so. */
export const atMost = (own: number, runs: number | undefined): number => Math.min(own, runs ?? own);

const never = new AbortController().signal;

/** All rows of a query. */
export const rowsOf = (engine: SqlEngine, sql: string, signal: AbortSignal = never): Promise<readonly (readonly SqlValue[])[]> => collectRows(engine, sql, signal);

/** A query's columns, its rows read and dropped. */
export async function described(result: Promise<SqlResult>): Promise<SqlResult> {
  const given = await result;
  for await (const _ of given.blocks);
  return given;
}

/** Fails with both values: an assertion with a message of its own would show neither. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const plain = (value: unknown): unknown => (value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("hex") } : Array.isArray(value) ? value.map(plain) : value);
  try {
    assert.deepEqual(plain(actual), plain(expected));
  } catch {
    const shown = (value: unknown): string => inspect(value, { depth: 6, maxArrayLength: 40, breakLength: Infinity });
    assert.fail(`${what}: expected ${shown(expected)}, but got ${shown(actual)}`);
  }
}
