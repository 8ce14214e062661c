import type { ColumnDefinition, Problem, ViewDefinition } from "@millrace/core";
import type { AnyQuery } from "./query.js";

/** A query from outside, in the types that the planner checks, and what could not be brought into them. */
export interface QueryInput {
  readonly query: AnyQuery;
  readonly problems: readonly Problem[];
}

const DAY_MS = 86_400_000;

/** The parameters of a query as text. */
export const TEXT_PARAMETERS = ["from", "until", "granularity", "zone", "by", "where", "orderBy", "limit", "limitPerWindow", "fill", "allowIncomplete", "split"] as const;

/**
 * A query from texts, as a command line or a URL has them: instants in ISO form (a date alone is midnight UTC), `by` as a
 * list with commas, each `where` as `column=value`, where an empty value of an optional column is null and a column
 * named twice takes either value. Without `until` the range ends with the day of `now` (epoch ms, UTC); without `from` it
 * is one day long.
 */
export function queryFromTexts(view: ViewDefinition, texts: Readonly<Record<string, string | readonly string[] | undefined>>, now: number): QueryInput {
  const problems: Problem[] = [];
  const problem = (path: string, message: string) => void problems.push({ path, message });
  const query: Record<string, unknown> = {};
  for (const name of Object.keys(texts)) if (!isParameter(name)) problem(name, `no such parameter; there is ${TEXT_PARAMETERS.map((known) => `"${known}"`).join(", ")}`);
  for (const name of TEXT_PARAMETERS) {
    const given = Object.hasOwn(texts, name) ? texts[name] : undefined;
    if (given === undefined) continue;
    if (name === "where") query[name] = filtersFromTexts(view, typeof given === "string" ? [given] : given, problem);
    else if (typeof given !== "string") problem(name, "is given more than once");
    else query[name] = textParameter(name, given, problem);
  }
  return { query: withRange(query, now), problems };
}

/**
 * A query from JSON: that of `lambda.query`, with instants as ISO text or epoch ms, and as text what JSON has no type for:
 * `int64("bigint")` and timestamps of `where`. Without a range as {@link queryFromTexts}.
 */
export function queryFromJson(view: ViewDefinition, json: unknown, now: number): QueryInput {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return { query: withRange({}, now), problems: [{ path: "query", message: "a JSON object is needed" }] };
  }
  const problems: Problem[] = [];
  const problem = (path: string, message: string) => void problems.push({ path, message });
  // Names that the planner does not know are its to tell.
  const query: Record<string, unknown> = { ...json };
  for (const name of ["from", "until"] as const) if (typeof query[name] === "string") query[name] = instant(name, query[name], problem);
  const { where } = query;
  if (typeof where === "object" && where !== null && !Array.isArray(where)) {
    query["where"] = Object.fromEntries(
      Object.entries(where).map(([column, values]) => [column, Array.isArray(values) ? values.map((value) => fromJson(columnOf(view, column), value)) : fromJson(columnOf(view, column), values)]),
    );
  }
  return { query: withRange(query, now), problems };
}

const isParameter = (name: string): name is (typeof TEXT_PARAMETERS)[number] => (TEXT_PARAMETERS as readonly string[]).includes(name);

type Tell = (path: string, message: string) => void;

function withRange(query: Record<string, unknown>, now: number): AnyQuery {
  // Null is a mistake and not an absence: JSON makes it of an invalid Date.
  const { until = new Date(Math.ceil((now + 1) / DAY_MS) * DAY_MS), from } = query;
  const end = until instanceof Date ? until.getTime() : until;
  const day = typeof end === "number" ? new Date(end - DAY_MS) : undefined;
  return { ...query, until, from: from === undefined ? day : from } as AnyQuery;
}

function textParameter(name: string, text: string, problem: Tell): unknown {
  switch (name) {
    case "from":
    case "until":
      return instant(name, text, problem);
    case "by":
      return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
    case "limit":
    case "limitPerWindow":
      if (/^\d{1,15}$/.test(text)) return Number(text);
      problem(name, `a whole number of at least 1 is needed, not ${shown(text)}`);
      return undefined;
    case "allowIncomplete":
    case "split":
      if (text === "true" || text === "false") return text === "true";
      problem(name, `true or false is needed, not ${shown(text)}`);
      return undefined;
    default:
      return text;
  }
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/;

function instant(path: string, text: string, problem: Tell): Date | undefined {
  const date = parseInstant(text);
  if (date === undefined) problem(path, `an ISO instant with its zone is needed, such as 2025-01-06T00:00:00Z, not ${shown(text)}`);
  return date;
}

/** An ISO instant with its zone, or a date alone, which is midnight UTC. */
export function parseInstant(text: string): Date | undefined {
  if (!INSTANT.test(text)) return undefined;
  const date = new Date(text);
  // "2025-02-30" is no day, though Date makes one of it.
  const isDay = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || Number.isNaN(isDay.getTime()) || isDay.toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  return date;
}

function filtersFromTexts(view: ViewDefinition, texts: readonly string[], problem: Tell): Record<string, readonly unknown[]> {
  const filters = new Map<string, unknown[]>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) {
      problem("where", `column=value is needed, not ${shown(text)}`);
      continue;
    }
    const name = text.slice(0, at);
    const values = filters.get(name) ?? [];
    filters.set(name, values);
    const value = text.slice(at + 1);
    const column = columnOf(view, name);
    if (column === undefined) continue;
    const parsed = fromText(column, value);
    if (parsed === undefined) problem(`where.${name}`, `${shown(value)} is not a value of a ${column.kind} column`);
    else values.push(parsed);
  }
  // No name is dropped: the planner tells of those that the view does not have.
  return Object.fromEntries(filters);
}

const columnOf = (view: ViewDefinition, name: string): ColumnDefinition | undefined => (view.by.includes(name) ? view.from.columns[name] : undefined);

function fromText(column: ColumnDefinition, text: string): unknown {
  if (text === "" && column.optional) return null;
  switch (column.kind) {
    case "text":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "int64":
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
    case "decimal":
      return /^-?\d{1,19}(\.\d{1,19})?$/.test(text) ? text : undefined;
    case "float64":
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case "timestamp":
      return parseInstant(text);
  }
}

/** What stays as it is, the planner judges. */
function fromJson(column: ColumnDefinition | undefined, value: unknown): unknown {
  if (column === undefined || typeof value !== "string") return column?.kind === "timestamp" && typeof value === "number" ? new Date(value) : value;
  if (column.kind === "int64" || column.kind === "timestamp") return (value === "" ? undefined : fromText(column, value)) ?? value;
  return value;
}

const shown = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
