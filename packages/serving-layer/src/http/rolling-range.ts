import { EVERY_MS, type Problem, type ViewDefinition } from "@millrace/core";
import { planQuery } from "../planner/plan-query.js";
import { planWindows } from "../planner/plan-windows.js";
import type { AnyQuery } from "../query/query.js";

/** A range that moves with the clock, in steps: its windows change only when a step has passed. */
export interface RollingRange {
  /** Length, ms. */
  readonly ms: number;
  /** It moves on by this, ms. Default, and at least: the view's base window. */
  readonly stepMs?: number;
  /** It ends so long before now, ms. Default 0. */
  readonly backMs?: number;
  /** Whether it ends before the step that now lies in, so that all of its windows are over. Default false. */
  readonly whole?: boolean;
}

const FIELDS: Readonly<Record<keyof RollingRange, "length" | "flag">> = { ms: "length", stepMs: "length", backMs: "length", whole: "flag" };

/** A range as a client sends it, or every mistake in it. */
export function rollingRangeOf(value: unknown): { readonly range: RollingRange } | { readonly problems: readonly Problem[] } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { problems: [{ path: "last", message: "an object is needed, such as {\"ms\":3600000}" }] };
  const problems: Problem[] = [];
  for (const [name, given] of Object.entries({ ms: undefined, ...value } as Record<string, unknown>)) {
    const path = `last.${name}`;
    if (!Object.hasOwn(FIELDS, name)) problems.push({ path, message: `no such field; there is ${Object.keys(FIELDS).map((known) => `"${known}"`).join(", ")}` });
    else if (FIELDS[name as keyof RollingRange] === "flag") {
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
export function queryAt(view: ViewDefinition, query: Omit<AnyQuery, "from" | "until">, { ms, stepMs = 0, backMs = 0, whole = false }: RollingRange, now: number): AnyQuery & { readonly from: number; readonly until: number } {
  const everyMs = EVERY_MS[view.every];
  const step = Math.max(1, Math.ceil(stepMs / everyMs)) * everyMs;
  const until = Math.floor(now / step) * step + (whole ? 0 : step) - backMs;
  const from = until - ms;
  const plan = planQuery(view, { ...query, from, until });
  return { ...query, from: planWindows(plan, from, until)?.startOf(from) ?? from, until };
}
