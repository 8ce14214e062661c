import type { QuestionDescription } from "../../../src/questions/describe-question.js";
import type { AnyRow } from "../services/live-connection.js";
import { formatKey } from "../text/format-number.js";
import { windowsBetween } from "../text/zoned-time.js";

/** What an answer is drawn as. */
export type QuestionShape =
  /** One row without a window or a group: its values alone. */
  | { readonly kind: "figures"; readonly values: readonly { readonly name: string; readonly value: unknown }[] }
  /** A value over time, one series for each group. */
  | { readonly kind: "time"; readonly windows: readonly number[]; readonly series: readonly ShapeSeries[]; readonly note: string | undefined }
  /** A value of groups. */
  | { readonly kind: "bars"; readonly categories: readonly string[]; readonly series: readonly ShapeSeries[]; readonly direction: "up" | "across"; readonly note: string | undefined }
  /** No rows, or no column that is a number. */
  | { readonly kind: "none" };

/** Of each window or category, in order; null where the answer has none. */
export interface ShapeSeries {
  readonly name: string;
  readonly values: readonly unknown[];
}

const MEASURES = ["count", "sum", "min", "max", "avg", "ratio", "countDistinct", "quantile", "custom"];
const NUMBERS = ["int64", "float64", "decimal"];
/** More series or groups than these cannot be told apart. */
const MOST_SERIES = 6;
const MOST_BARS = 20;
const MOST_WINDOWS = 1_500;

/** The columns of an answer that are drawn, and those that name a row. */
export function columnsOf({ columns }: Pick<QuestionDescription, "columns">): { readonly keys: readonly string[]; readonly values: readonly string[] } {
  const own = columns.filter(({ name }) => name !== "window");
  const base = (type: string) => type.split(/[ (]/)[0]!;
  // A view says which columns are its measures; of a table's columns the numbers are.
  const measured = own.some(({ type }) => MEASURES.includes(type));
  const isValue = (type: string) => (measured ? MEASURES.includes(type) : NUMBERS.includes(base(type)));
  return { keys: own.filter(({ type }) => !isValue(type)).map(({ name }) => name), values: own.filter(({ type }) => isValue(type)).map(({ name }) => name) };
}

/** What fits an answer's columns and rows. `show` names the value that is drawn; without it the first is. */
export function shapeOf(question: Pick<QuestionDescription, "columns">, rows: readonly AnyRow[], granularity: string, zone: string, show?: string): QuestionShape {
  const { keys, values } = columnsOf(question);
  const value = values.find((name) => name === show) ?? values[0];
  if (rows.length === 0 || value === undefined) return { kind: "none" };
  const keyOf = (row: AnyRow) => keys.map((name) => formatKey(row[name])).join(" · ");
  if (granularity === "all") {
    if (keys.length === 0) return { kind: "figures", values: values.map((name) => ({ name, value: rows[0]![name] })) };
    return groups(rows, keys, keyOf, value);
  }
  const starts = [...new Set(rows.map(startOf))].sort((a, b) => a - b);
  if (keys.length === 0) return { kind: "time", ...series(rows, starts, granularity, zone, [value], () => value, value), note: undefined };
  // One window is a total.
  if (starts.length === 1) return groups(rows, keys, keyOf, value);
  const largest = new Map<string, number>();
  for (const row of rows) largest.set(keyOf(row), Math.max(largest.get(keyOf(row)) ?? Number.NEGATIVE_INFINITY, Number(row[value] ?? 0)));
  const shown = [...largest].sort((a, b) => b[1] - a[1]).slice(0, MOST_SERIES).map(([key]) => key);
  return { kind: "time", ...series(rows, starts, granularity, zone, shown, keyOf, value), note: largest.size > shown.length ? `The ${shown.length} with the highest value of ${largest.size}; the table has all.` : undefined };
}

const startOf = (row: AnyRow): number => (row["window"] as Date).getTime();

function series(rows: readonly AnyRow[], starts: readonly number[], granularity: string, zone: string, names: readonly string[], nameOf: (row: AnyRow) => string, value: string) {
  // A window without a row is one all the same.
  const windows = windowsBetween(zone, starts[0]!, starts.at(-1)!, granularity, MOST_WINDOWS) ?? starts;
  const found = new Map(rows.map((row) => [`${startOf(row)} ${nameOf(row)}`, row[value]]));
  return { windows, series: names.map((name) => ({ name, values: windows.map((start) => found.get(`${start} ${name}`) ?? null) })) };
}

function groups(rows: readonly AnyRow[], keys: readonly string[], keyOf: (row: AnyRow) => string, value: string): QuestionShape {
  const [first, second] = keys;
  if (keys.length === 2) {
    const of = (name: string) => [...new Set(rows.map((row) => formatKey(row[name])))];
    const [outer, inner] = [of(first!), of(second!)];
    const found = new Map(rows.map((row) => [`${formatKey(row[first!])}\n${formatKey(row[second!])}`, row[value]]));
    // A grid of two columns with few values each, most of which there are.
    if (outer.length <= MOST_SERIES && inner.length <= MOST_SERIES && found.size === rows.length && rows.length * 2 > outer.length * inner.length && inner.length > 1 && outer.length > 1) {
      return { kind: "bars", categories: outer, direction: "up", note: undefined, series: inner.map((name) => ({ name, values: outer.map((category) => found.get(`${category}\n${name}`) ?? null) })) };
    }
  }
  const shown = rows.slice(0, MOST_BARS);
  return { kind: "bars", categories: shown.map(keyOf), direction: "across", note: rows.length > shown.length ? `The first ${shown.length} of ${rows.length}; the table has all.` : undefined, series: [{ name: value, values: shown.map((row) => row[value]) }] };
}
