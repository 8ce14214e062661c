import { normalInt64, type SqlColumn, type SqlValue } from "@millrace/core";
import { HIVE_TYPE, type HiveColumn, type HiveColumnDescription } from "./hive-protocol.js";

/** Turns the columns of one page into rows, each in the order of the columns. */
export type HiveRowReader = (columns: readonly HiveColumn[]) => readonly (readonly SqlValue[])[];

const NAMES = new Map(Object.entries(HIVE_TYPE).map(([name, type]) => [type as number, name.toUpperCase()]));

/** A column's name, and its type as far as the protocol tells it: of arrays, maps and structs only which of these they are. */
export function hiveColumn({ columnName, typeDesc }: HiveColumnDescription): SqlColumn {
  const entry = typeDesc.types[0]?.primitiveEntry;
  const type = entry === undefined || entry === null ? HIVE_TYPE.string : entry.type;
  if (type === HIVE_TYPE.decimal) {
    const { precision, scale } = entry?.typeQualifiers?.qualifiers ?? {};
    return { name: columnName, type: `DECIMAL(${precision?.i32Value ?? 10},${scale?.i32Value ?? 0})` };
  }
  return { name: columnName, type: type === HIVE_TYPE.null ? "VOID" : (NAMES.get(type) ?? "STRING") };
}

/** Whether the protocol tells less of a type than SQL needs to name it again. */
export const isNested = ({ type }: SqlColumn): boolean => type === "MAP" || type === "ARRAY" || type === "STRUCT";

/**
 * Reads pages of a result: integers as number while safe, decimals and dates as text, timestamps as epoch ms (the
 * session's time zone is UTC), sketches as pairs in key order, binary as bytes. Other nested types are the server's text.
 */
export function hiveRowReader(columns: readonly SqlColumn[]): HiveRowReader {
  const readers = columns.map(({ type }) => valueReader(type));
  return (page) => {
    const vectors = page.map(vectorOf);
    const length = vectors[0]?.values.length ?? 0;
    const rows: SqlValue[][] = Array.from({ length }, () => new Array<SqlValue>(vectors.length).fill(null));
    for (const [c, { values, nulls }] of vectors.entries()) {
      if (values.length !== length) throw new TypeError(`reading rows of the server: column ${c} has ${values.length} values, the first has ${length}`);
      const read = readers[c] ?? text;
      for (let i = 0; i < length; i++) {
        if ((((nulls[i >> 3] ?? 0) >> (i & 7)) & 1) === 0) rows[i]![c] = read(values[i]);
      }
    }
    return rows;
  };
}

function vectorOf(column: HiveColumn, c: number): { readonly values: readonly unknown[]; readonly nulls: Uint8Array } {
  for (const vector of Object.values(column)) if (vector !== null && vector !== undefined) return vector;
  throw new TypeError(`reading rows of the server: column ${c} has no values of a type that is known`);
}

const text = (value: unknown): SqlValue => String(value);

function valueReader(type: string): (value: unknown) => SqlValue {
  switch (type) {
    case "BIGINT":
      return (value) => normalInt64(int64Of(value));
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "FLOAT":
    case "DOUBLE":
      return Number;
    case "BOOLEAN":
      return Boolean;
    case "TIMESTAMP":
      return (value) => epochMsOf(String(value));
    case "BINARY":
      return (value) => new Uint8Array(value as Uint8Array);
    case "MAP<INT,BIGINT>":
      return (value) => pairsOf(String(value));
    default:
      return text;
  }
}

/** The driver's integer keeps the 8 bytes it came in; its own conversion rounds, or gives Infinity. */
function int64Of(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return BigInt(value);
  const { buffer, offset } = value as { readonly buffer: Buffer; readonly offset: number };
  return buffer.readBigInt64BE(offset);
}

const TIMESTAMP = /^([+-]?\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/;

/** Epoch ms of a timestamp as the server prints it, in UTC; rounds down, also before 1970. */
function epochMsOf(value: string): number {
  const parts = TIMESTAMP.exec(value);
  if (parts === null) throw new TypeError(`reading the timestamp "${value}" of the server`);
  const [, year, month, day, hour, minute, second, fraction = ""] = parts;
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999.
  const instant = new Date(0);
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return instant.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, "0")));
}

/** A map as the server prints it: `{1:2,3:9}`. */
function pairsOf(value: string): SqlValue {
  const inside = value.slice(1, -1);
  if (!/^\{.*\}$/s.test(value)) throw new TypeError(`reading the map "${value}" of the server`);
  if (inside === "") return [];
  return inside
    .split(",")
    .map((pair) => {
      const [, key, count] = /^(-?\d+):(-?\d+)$/.exec(pair) ?? [];
      if (key === undefined || count === undefined) throw new TypeError(`reading the map "${value}" of the server: "${pair}" is no pair of integers`);
      return [Number(key), normalInt64(BigInt(count))] as const;
    })
    .sort(([a], [b]) => a - b);
}
