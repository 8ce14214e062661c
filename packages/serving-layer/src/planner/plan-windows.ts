import { EVERY_MS, ZoneOffsetError, calendarBoundaries, offsetSpans, type ViewDefinition } from "@millrace/core";
import { QueryError } from "./query-error.js";
import type { QueryPlan } from "./query-plan.js";
import { Windows } from "./windows.js";

const HOUR_MS = 3_600_000;
const FIXED_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: HOUR_MS };

/** What decides the windows of an answer. */
export interface WindowPlan extends Pick<QueryPlan, "granularity" | "zone"> {
  readonly view: Pick<ViewDefinition, "name" | "every">;
}

/**
 * The windows of an answer for the instants of `[from, until)`, epoch ms; undefined when the answer is one total.
 *
 * @throws {QueryError} when an offset of the zone within the range is not a multiple of the view's windows.
 */
export function planWindows(plan: WindowPlan, from: number, until: number): Windows | undefined {
  const { granularity, zone, view } = plan;
  if (granularity === "all") return undefined;
  try {
    if (zone === "UTC" && granularity === "day") return Windows.fixed(24 * HOUR_MS, from);
    const fixedMs = FIXED_MS[granularity];
    if (fixedMs !== undefined) {
      const offsets = zone === "UTC" ? [] : offsetSpans(zone, from, until);
      for (const { from: at, offsetMs } of offsets) if (offsetMs % EVERY_MS[view.every] !== 0) throw new ZoneOffsetError(zone, view.every, at, offsetMs);
      // A clock that is a whole number of windows off UTC starts its windows when UTC does.
      if (offsets.every(({ offsetMs }) => offsetMs % fixedMs === 0)) return Windows.fixed(fixedMs, from);
    }
    return Windows.between(calendarBoundaries(from, until, granularity, zone, view.every));
  } catch (cause) {
    if (cause instanceof ZoneOffsetError) throw new QueryError(view.name, [{ path: "zone", message: cause.message }], { cause });
    throw cause;
  }
}

/**
 * The starts of all windows that base windows starting in the plan's range lie in, growing; undefined when there are
 * more than `most`.
 */
export function windowStarts(plan: QueryPlan, most: number): readonly number[] | undefined {
  const { granularity } = plan;
  if (granularity === "all") return [0];
  const everyMs = EVERY_MS[plan.view.every];
  const from = Math.ceil(plan.from / everyMs) * everyMs;
  if (from >= plan.until) return [];
  // No window is longer than this, so the calendar is not made for a range that has too many anyway.
  const longestMs: Readonly<Record<string, number>> = { ...FIXED_MS, day: 49 * HOUR_MS, week: 9 * 24 * HOUR_MS, month: 32 * 24 * HOUR_MS, year: 367 * 24 * HOUR_MS };
  if ((plan.until - from) / longestMs[granularity]! > most) return undefined;
  const starts: number[] = [];
  for (const start of planWindows(plan, from, plan.until)!.starts(from, plan.until)) {
    if (starts.length === most) return undefined;
    starts.push(start);
  }
  return starts;
}
