import { normalInt64, type SqlColumn, type SqlValue } from "@millrace/core";
import { exactJson } from "./exact-json.js";

type Page = readonly (readonly unknown[])[];

/** Turns the rows of a page into values. */
export type PrestoRowReader = (page: Page) => readonly (readonly SqlValue[])[];

/** A column as the server tells it. */
export const prestoColumn = ({ name, type }: { readonly name: string; readonly type: string }): SqlColumn => ({ name, type: type.toUpperCase() });

/**
 * Reads rows: integers as number while safe, decimals and dates as text, timestamps as epoch ms (the session's time zone
 * is UTC), sketches as pairs in key order, binary as bytes. Other nested types are JSON text.
 */
export function prestoRowReader(columns: readonly SqlColumn[]): PrestoRowReader {
  const readers = columns.map(({ type }) => valueReader(type));
  return (page) =>
    page.map((row) => {
      if (row.length !== readers.length) throw new TypeError(`reading rows of the server: a row has ${row.length} values, but there are ${readers.length} columns`);
      return row.map((value, c) => (value === null ? null : readers[c]!(value)));
    });
}

function valueReader(type: string): (value: unknown) => SqlValue {
  const name = /^[A-Z ]+/.exec(type)?.[0] ?? type;
  if (type === "MAP(INTEGER,BIGINT)" || type === "MAP(INTEGER, BIGINT)") return pairsOf;
  switch (name) {
    case "BIGINT":
      return (value) => normalInt64(BigInt(value as number | string));
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
    case "REAL":
    case "DOUBLE":
      // "NaN", "Infinity" and "-Infinity" are texts in JSON.
      return Number;
    case "BOOLEAN":
      return Boolean;
    case "TIMESTAMP":
      return (value) => epochMsOf(String(value));
    case "VARBINARY":
    case "HYPERLOGLOG":
    case "P":
      return (value) => new Uint8Array(Buffer.from(String(value), "base64"));
    case "ARRAY":
    case "MAP":
    case "ROW":
      return (value) => (typeof value === "string" ? value : JSON.stringify(value));
    default:
      return (value) => (type.startsWith("TIMESTAMP") ? epochMsOf(String(value)) : String(value));
  }
}

const TIMESTAMP = /^([+-]?\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?: (?:UTC|Z|([+-])(\d\d):(\d\d)))?$/;
const MINUTE_MS = 60_000;

/** Epoch ms of a timestamp as the server prints it, in UTC or with its offset; rounds down, also before 1970. */
function epochMsOf(value: string): number {
  const parts = TIMESTAMP.exec(value);
  if (parts === null) throw new TypeError(`reading the timestamp "${value}" of the server: those with the name of a zone are not read; write \`... AT TIME ZONE 'UTC'\``);
  const [, year, month, day, hour, minute, second, fraction = "", sign, hours, minutes] = parts;
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999.
  const instant = new Date(0);
  instant.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const local = instant.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, "0")));
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  return sign === "-" ? local + offset : local - offset;
}

/** A map as JSON: an object, or, from some servers, its text. */
function pairsOf(value: unknown): SqlValue {
  const map = (typeof value === "string" ? exactJson.parse(value) : value) as Readonly<Record<string, number | string>>;
  return Object.entries(map)
    .map(([key, count]) => [Number(key), normalInt64(BigInt(count))] as const)
    .sort(([a], [b]) => a - b);
}
