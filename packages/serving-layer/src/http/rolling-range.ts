import { EVERY_MS, type Problem, type ViewDefinition } from "@millrace/core";
import { planQuery } from "../planner/plan-query.js";
import { planWindows } from "../planner/plan-windows.js";
import type { AnyQuery } from "../query/query.js";

/** A range that moves with the clock, in steps: its windows change only when a step has passed. */
export type RollingRange = RollingLength | RollingCalendar;

/** The last so many ms. */
export interface RollingLength {
  /** Length, ms. */
  readonly ms: number;
  readonly since?: never;
  /** It moves on by this, ms. Default, and at least: the view's base window. */
  readonly stepMs?: number;
  /** It ends so long before now, ms. Default 0. */
  readonly backMs?: number;
  /** Whether it ends before the step that now lies in, so that all of its windows are over. Default false. */
  readonly whole?: boolean;
}

/** What there was of the current hour, day, week, month or year of the query's zone. */
export interface RollingCalendar {
  readonly since: CalendarWindow;
  readonly ms?: never;
  /** As for a length. */
  readonly stepMs?: number;
}

/** A window of the calendar that a range may begin with. */
export type CalendarWindow = "hour" | "day" | "week" | "month" | "year";
/** All of them, shortest first. */
export const CALENDAR_WINDOWS: readonly CalendarWindow[] = ["hour", "day", "week", "month", "year"];

const FIELDS: Readonly<Record<"ms" | "since" | "stepMs" | "backMs" | "whole", "length" | "flag" | "window">> = { ms: "length", since: "window", stepMs: "length", backMs: "length", whole: "flag" };
/** Fields that say something of a length alone. */
const OF_LENGTH = ["ms", "backMs", "whole"];

/** A range as a client sends it, or every mistake in it. */
export function rollingRangeOf(value: unknown): { readonly range: RollingRange } | { readonly problems: readonly Problem[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { problems: [{ path: "last", message: "an object is needed, such as {\"ms\":3600000}" }] };
  const problems: Problem[] = [];
  const calendar = Object.hasOwn(value, "since");
  for (const [name, given] of Object.entries({ ...(calendar ? {} : { ms: undefined }), ...value } as Record<string, unknown>)) {
    const path = `last.${name}`;
    const kind = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof typeof FIELDS] : undefined;
    if (kind === undefined) problems.push({ path, message: `no such field; there is ${Object.keys(FIELDS).map((known) => `"${known}"`).join(", ")}` });
    else if (calendar && OF_LENGTH.includes(name)) problems.push({ path, message: "not together with `since`" });
    else if (kind === "window") {
      if (!CALENDAR_WINDOWS.includes(given as CalendarWindow)) problems.push({ path, message: `one of ${CALENDAR_WINDOWS.map((known) => `"${known}"`).join(", ")} is needed` });
    } else if (kind === "flag") {
      if (typeof given !== "boolean") problems.push({ path, message: "must be true or false" });
    } else if (!Number.isSafeInteger(given) || (given as number) < (name === "backMs" ? 0 : 1)) problems.push({ path, message: "a whole number of ms is needed" });
  }
  return problems.length > 0 ? { problems } : { range: value as RollingRange };
}

/**
 * The query for the range at `now`. Unless it asks for one total it begins with a whole window of its granularity and zone.
 *
 * @throws {QueryError} when the query cannot be asked of the view.
 */
export function queryAt(view: ViewDefinition, query: Omit<AnyQuery, "from" | "until">, range: RollingRange, now: number): AnyQuery & { readonly from: number; readonly until: number } {
  const everyMs = EVERY_MS[view.every];
  const step = Math.max(1, Math.ceil((range.stepMs ?? 0) / everyMs)) * everyMs;
  const { whole = false, backMs = 0 } = range.since === undefined ? range : {};
  const until = Math.floor(now / step) * step + (whole ? 0 : step) - backMs;
  // Checks the zone as well, which the calendar is taken from.
  const plan = planQuery(view, { ...query, from: until - 1, until });
  const begin = range.since === undefined ? until - range.ms : planWindows({ ...plan, granularity: range.since }, now, now + 1)!.startOf(now);
  return { ...query, from: planWindows(plan, begin, until)?.startOf(begin) ?? begin, until };
}
