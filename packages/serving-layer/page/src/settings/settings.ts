import type { CalendarWindow, RollingRange } from "../../../src/http/rolling-range.js";

/** The range that is shown: one that ends now and moves, or one that stays (ISO instants). */
export type ShownRange = { readonly lastMs: number } | { readonly from: string; readonly until: string };

/** The range of a panel: the page's, or one of its own. */
export type PanelRange = ShownRange | { readonly since: CalendarWindow };

/** What the controls above the charts say. */
export interface Settings {
  readonly range: ShownRange;
  /** Undefined: by the length of the range. */
  readonly granularity: string | undefined;
  readonly zone: string;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const RANGES: readonly { readonly lastMs: number; readonly label: string; readonly long: string }[] = [
  { lastMs: 15 * MINUTE_MS, label: "15 min", long: "last 15 minutes" },
  { lastMs: HOUR_MS, label: "1 h", long: "last hour" },
  { lastMs: 6 * HOUR_MS, label: "6 h", long: "last 6 hours" },
  { lastMs: DAY_MS, label: "24 h", long: "last 24 hours" },
  { lastMs: 7 * DAY_MS, label: "7 d", long: "last 7 days" },
  { lastMs: 30 * DAY_MS, label: "30 d", long: "last 30 days" },
];

export const browserZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The longest that a range which grows gets. */
const SINCE_MS: Readonly<Record<CalendarWindow, number>> = { hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS, year: 366 * DAY_MS };
const SINCE_TEXT: Readonly<Record<CalendarWindow, string>> = { hour: "this hour", day: "today", week: "this week", month: "this month", year: "this year" };

export const lengthOf = (range: PanelRange): number => ("lastMs" in range ? range.lastMs : "since" in range ? SINCE_MS[range.since] : Date.parse(range.until) - Date.parse(range.from));

/** The range of a watch: what stays is part of the query, what moves is the server's to resolve. */
export function rangeOfWatch(range: PanelRange): { readonly query: { readonly from?: string; readonly until?: string }; readonly last?: RollingRange } {
  if ("from" in range) return { query: { from: range.from, until: range.until } };
  if ("since" in range) return { query: {}, last: { since: range.since, stepMs: stepOf(SINCE_MS[range.since]) } };
  return { query: {}, last: { ms: range.lastMs, stepMs: stepOf(range.lastMs) } };
}

/** A range moves on in some 240 steps: seldom enough to ask little, often enough to look live. */
export const stepOf = (lastMs: number): number => Math.max(1_000, Math.round(lastMs / 240 / 1_000) * 1_000);

export function describeRange(range: PanelRange): string {
  if ("since" in range) return SINCE_TEXT[range.since];
  if ("from" in range) return "chosen range";
  return RANGES.find(({ lastMs }) => lastMs === range.lastMs)?.long ?? `last ${Math.round(range.lastMs / MINUTE_MS)} minutes`;
}
