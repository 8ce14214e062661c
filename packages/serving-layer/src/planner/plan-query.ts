import { EVERY_MS, ZoneOffsetError, convertLiteral, offsetSpans, type Granularity, type Literal, type Problem, type ViewDefinition } from "@millrace/core";
import type { AnyQuery } from "../query/query.js";
import type { Dimension, DimensionFilter, Order, QueryPlan } from "./query-plan.js";
import { addsUp } from "./adds-up.js";
import { QueryError } from "./query-error.js";

const GRANULARITIES: readonly Granularity[] = ["second", "minute", "hour", "day", "week", "month", "year"];

/**
 * Checks a query against its view, in which nothing is taken on trust: queries also come from command lines and sockets.
 *
 * @throws {QueryError} naming every mistake at once.
 */
export function planQuery(view: ViewDefinition, query: AnyQuery): QueryPlan {
  const problems: Problem[] = [];
  const problem = (path: string, message: string) => void problems.push({ path, message });
  if (typeof query !== "object" || query === null) throw new QueryError(view.name, [{ path: "query", message: `must be an object, not ${shown(query)}` }]);
  const known = ["from", "until", "granularity", "zone", "by", "where", "orderBy", "limit", "limitPerWindow", "fill", "allowIncomplete", "split"];
  for (const name of Object.keys(query)) if (!known.includes(name)) problem(name, `no such field; there is ${quoted(known)}`);

  const from = instant(query.from, "from", problem);
  const until = instant(query.until, "until", problem);
  if (from >= until) problem("until", "must lie after `from`");
  const granularity = granularityOf(view, query.granularity, problem);
  const zone = zoneOf(query.zone, problem);
  if (granularity !== "all" && until > from) checkZone(view, zone, until - 1, problem);
  const by = dimensionsOf(view, query.by, problem);
  const filters = filtersOf(view, query.where, problem);
  const order = orderOf(view, by, granularity, query.orderBy, problem);
  const limit = countOf(query.limit, "limit", problem);
  const limitPerWindow = countOf(query.limitPerWindow, "limitPerWindow", problem);
  if (query.fill !== undefined && query.fill !== "zero") problem("fill", `must be "zero", not ${shown(query.fill)}`);
  if (query.allowIncomplete !== undefined && typeof query.allowIncomplete !== "boolean") problem("allowIncomplete", "must be true or false");
  if (query.split !== undefined) checkSplit(view, query.split, problem);
  if (problems.length > 0) throw new QueryError(view.name, problems);
  return { view, from, until, granularity, zone, by, filters, order, limit, limitPerWindow, fill: query.fill === "zero", allowIncomplete: query.allowIncomplete === true, split: query.split === true };
}

type Tell = (path: string, message: string) => void;

function instant(value: unknown, path: string, problem: Tell): number {
  const ms = value instanceof Date ? value.getTime() : typeof value === "number" ? value : Number.NaN;
  // The bound of Date: 100 million days around 1970.
  if (Number.isInteger(ms) && Math.abs(ms) <= 8.64e15) return ms;
  problem(path, `must be a valid Date, or epoch milliseconds, not ${shown(value)}`);
  return Number.NaN;
}

function granularityOf(view: ViewDefinition, value: unknown, problem: Tell): Granularity | "all" {
  if (value === undefined) return view.every;
  if (value === "all") return value;
  const place = GRANULARITIES.indexOf(value as Granularity);
  const finest = GRANULARITIES.indexOf(view.every);
  const possible = quoted([...GRANULARITIES.slice(finest), "all"]);
  if (place < 0) problem("granularity", `${shown(value)} is none of ${possible}`);
  else if (place < finest) problem("granularity", `"${String(value)}" is finer than the view's "${view.every}"; there is ${possible}`);
  return GRANULARITIES[Math.max(place, finest)]!;
}

function zoneOf(value: unknown, problem: Tell): string {
  if (value === undefined) return "UTC";
  try {
    if (typeof value === "string" && value !== "") {
      // Checks the name; offsets such as "+05:30" are no IANA zones, and not every Node knows them.
      if (/^[A-Za-z]/.test(value)) return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
    }
  } catch {
    // Told below.
  }
  problem("zone", `${shown(value)} is not an IANA time zone such as "America/New_York"`);
  return "UTC";
}

/** At the end of the range, where its offset is the one a caller has in mind; the rest is checked where there are rows. */
function checkZone({ every }: ViewDefinition, zone: string, at: number, problem: Tell): void {
  const { offsetMs } = offsetSpans(zone, at, at + 1)[0]!;
  if (offsetMs % EVERY_MS[every] !== 0) problem("zone", new ZoneOffsetError(zone, every, at, offsetMs).message);
}

function dimension(view: ViewDefinition, name: unknown): Dimension | undefined {
  const index = typeof name === "string" ? view.by.indexOf(name) : -1;
  return index < 0 ? undefined : { name: view.by[index]!, index, column: view.from.columns[view.by[index]!]! };
}

function dimensionsOf(view: ViewDefinition, value: unknown, problem: Tell): readonly Dimension[] {
  if (value === undefined) return view.by.map((name) => dimension(view, name)!);
  if (!Array.isArray(value)) {
    problem("by", `must be a list of dimensions, not ${shown(value)}`);
    return [];
  }
  const found: Dimension[] = [];
  value.forEach((name: unknown, i) => {
    const given = dimension(view, name);
    if (given === undefined) problem(`by[${i}]`, `no dimension ${shown(name)}; there is ${quoted(view.by)}`);
    else if (found.some((other) => other.index === given.index)) problem(`by[${i}]`, `"${given.name}" is named twice`);
    else found.push(given);
  });
  return found;
}

function filtersOf(view: ViewDefinition, value: unknown, problem: Tell): readonly DimensionFilter[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problem("where", `must be an object from dimensions to values, not ${shown(value)}`);
    return [];
  }
  const filters: DimensionFilter[] = [];
  for (const [name, given] of Object.entries(value as Record<string, unknown>)) {
    if (given === undefined) continue;
    const path = `where.${name}`;
    const column = dimension(view, name);
    if (column === undefined) {
      problem(path, `no dimension ${shown(name)}; there is ${quoted(view.by)}`);
      continue;
    }
    const values: Literal[] = [];
    let orNull = false;
    for (const one of Array.isArray(given) ? (given as readonly unknown[]) : [given]) {
      if (one === null) orNull = true;
      else {
        const converted = convertLiteral(column.column, one);
        if ("literal" in converted) values.push(converted.literal);
        else problem(path, converted.problem);
      }
    }
    filters.push({ ...column, values, orNull });
  }
  return filters;
}

function orderOf(view: ViewDefinition, by: readonly Dimension[], granularity: string, value: unknown, problem: Tell): Order {
  const none: Order = { by: undefined, descending: false };
  if (value === undefined) return none;
  const columns = [...(granularity === "all" ? [] : ["window"]), ...by.map(({ name }) => name), ...view.measures.map(({ name }) => name)];
  const match = typeof value === "string" ? /^(\S+)(?: +(asc|desc))?$/i.exec(value.trim()) : null;
  const name = match?.[1];
  if (name === undefined || !columns.includes(name)) {
    problem("orderBy", `${shown(value)} is not a column of the answer with a direction, such as "${columns[columns.length - 1]} desc"; there is ${quoted(columns)}`);
    return none;
  }
  const descending = match?.[2]?.toLowerCase() === "desc";
  if (name === "window") return { by: { of: "window" }, descending };
  const index = by.findIndex((given) => given.name === name);
  if (index >= 0) return { by: { of: "dimension", index }, descending };
  return { by: { of: "measure", index: view.measures.findIndex((measure) => measure.name === name) }, descending };
}

function countOf(value: unknown, path: string, problem: Tell): number | undefined {
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 1)) return value;
  problem(path, `must be a whole number of at least 1, not ${shown(value)}`);
  return undefined;
}

function checkSplit(view: ViewDefinition, value: unknown, problem: Tell): void {
  if (typeof value !== "boolean") problem("split", `must be true or false, not ${shown(value)}`);
  else if (!value) return;
  else if (!view.measures.some(addsUp)) problem("split", `view "${view.name}" has no measure that adds up from two parts: a count or a sum`);
  else if ([...view.by, ...view.measures.map(({ name }) => name)].includes("split")) problem("split", `view "${view.name}" has a column of this name`);
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ") || "none";

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return "an invalid Date";
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : String(value);
}
