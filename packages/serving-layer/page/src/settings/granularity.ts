const ORDER = ["second", "minute", "hour", "day", "week", "month", "year"] as const;
const LENGTH_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000, year: 365 * 86_400_000 };

/** Windows that a chart of a page's width still shows one by one. */
const MOST_WINDOWS = 400;

/**
 * The granularity of a chart: the chosen one, or the finest of the view's that makes at most {@link MOST_WINDOWS} windows.
 * One that is finer than the view's own is the view's own.
 */
export function granularityFor(chosen: string | undefined, every: string, lengthMs: number): string {
  const finest = ORDER.indexOf(every as (typeof ORDER)[number]);
  if (chosen !== undefined) return ORDER[Math.max(finest, ORDER.indexOf(chosen as (typeof ORDER)[number]))]!;
  return ORDER.slice(finest).find((granularity) => lengthMs / LENGTH_MS[granularity]! <= MOST_WINDOWS) ?? "year";
}

export const GRANULARITIES: readonly string[] = ORDER;
