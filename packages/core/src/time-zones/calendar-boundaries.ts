import { EVERY_MS } from "../views/view-definition.js";
import type { Every } from "../views/view-definition.js";
import type { Granularity } from "./granularity.js";
import { offsetSpans } from "./offset-spans.js";
import type { OffsetSpan } from "./offset-spans.js";
import { ZoneOffsetError } from "./zone-offset-error.js";

const DAY_MS = 86_400_000;
const LENGTH_MS: Readonly<Record<Granularity, number | undefined>> = { ...EVERY_MS, day: undefined, week: undefined, month: undefined, year: undefined };
/** Longest window by far, for looking back and ahead: a year, with room for what zones do at its ends. */
const LONGEST_MS: Readonly<Record<Granularity, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 3 * DAY_MS,
  week: 9 * DAY_MS,
  month: 33 * DAY_MS,
  year: 368 * DAY_MS,
};

/**
 * The starts of the calendar windows of an IANA zone that touch `[from, until)`, epoch ms, growing: the first is at or
 * before `from`, the last at or after `until`, so that window `i` is `[starts[i], starts[i + 1])`. Empty for an empty range.
 *
 * Second, minute and hour windows start where the zone's clock shows a whole one, both times when an hour comes twice,
 * and where it jumps into another one. Day and longer start at the first instant at which the clock shows their first
 * date or a later one: at 01:00 where midnight is skipped; a date that is skipped has no window. Weeks start on Monday.
 *
 * Cost: about a microsecond a day and ten nanoseconds a window.
 *
 * @throws {UnknownZoneError}
 * @throws {ZoneOffsetError} when stored windows of length `every` do not add up to these.
 */
export function calendarBoundaries(from: number, until: number, granularity: Granularity, zone: string, every: Every): readonly number[] {
  if (!(from < until)) return [];
  const lengthMs = LENGTH_MS[granularity];
  const margin = 2 * LONGEST_MS[granularity] + 2 * DAY_MS;
  const spans = offsetSpans(zone, from - margin, until + margin);
  const candidates = lengthMs === undefined ? dateStarts(spans, from, until, granularity) : clockStarts(spans, from - lengthMs * 2, until + lengthMs * 2, lengthMs);
  const starts = between(candidates, from, until);
  checkOffsets(starts, spans, zone, every);
  return starts;
}

/** From the last candidate at or before `from` to the first at or after `until`. */
function between(candidates: readonly number[], from: number, until: number): readonly number[] {
  let first = 0;
  while (first + 1 < candidates.length && candidates[first + 1]! <= from) first++;
  let end = first;
  while (end + 1 < candidates.length && candidates[end]! < until) end++;
  return candidates.slice(first, end + 1);
}

/** Windows of the clock: fixed lengths within a span. */
function clockStarts(spans: readonly OffsetSpan[], from: number, until: number, lengthMs: number): readonly number[] {
  // Where every offset is a multiple of the length, the zone's whole hours are those of UTC and no jump changes them.
  const fixed = spans.every(({ offsetMs }) => offsetMs % lengthMs === 0);
  const parts = fixed ? [{ from: spans[0]!.from, offsetMs: 0 }] : spans;
  const starts: number[] = [];
  parts.forEach(({ from: spanFrom, offsetMs }, i) => {
    const begin = Math.max(from, spanFrom);
    const end = Math.min(until, parts[i + 1]?.from ?? until);
    const local = (at: number, offset: number) => Math.floor((at + offset) / lengthMs);
    const before = parts[i - 1];
    if (before !== undefined && spanFrom >= from && spanFrom < end && (spanFrom + offsetMs) % lengthMs !== 0) {
      if (local(spanFrom - 1, before.offsetMs) !== local(spanFrom, offsetMs)) starts.push(spanFrom);
    }
    for (let at = Math.ceil((begin + offsetMs) / lengthMs) * lengthMs - offsetMs; at < end; at += lengthMs) starts.push(at);
  });
  return starts;
}

/** Windows of whole dates. */
function dateStarts(spans: readonly OffsetSpan[], from: number, until: number, granularity: Granularity): readonly number[] {
  const starts: number[] = [];
  let span = 0;
  for (let date = windowOf(Math.floor((from - LONGEST_MS[granularity] - DAY_MS) / DAY_MS), granularity); ; date = nextWindow(date, granularity)) {
    const midnight = date * DAY_MS;
    // The first instant whose local time is at or after midnight of the date, as UTC counts it.
    let start: number | undefined;
    for (let i = span; i < spans.length && start === undefined; i++) {
      const { from: spanFrom, offsetMs } = spans[i]!;
      const at = Math.max(spanFrom, midnight - offsetMs);
      if (at < (spans[i + 1]?.from ?? Number.POSITIVE_INFINITY)) [start, span] = [at, i];
    }
    if (start === undefined) throw new RangeError("making calendar windows: the zone has no offset");
    if (starts.length === 0 || start > starts.at(-1)!) starts.push(start);
    if (start >= until) return starts;
  }
}

/** The first date, in days since 1970, of the window that a date lies in. */
function windowOf(date: number, granularity: Granularity): number {
  const utc = new Date(date * DAY_MS);
  switch (granularity) {
    case "week":
      // 1970-01-01 was a Thursday.
      return date - (((date + 3) % 7) + 7) % 7;
    case "month":
      return Date.UTC(utc.getUTCFullYear(), utc.getUTCMonth()) / DAY_MS;
    case "year":
      return Date.UTC(utc.getUTCFullYear(), 0) / DAY_MS;
    default:
      return date;
  }
}

/** The first date of the window after the one that starts with `date`. */
function nextWindow(date: number, granularity: Granularity): number {
  return windowOf(date + { second: 1, minute: 1, hour: 1, day: 1, week: 7, month: 31, year: 366 }[granularity], granularity);
}

/** Every start must lie where a stored window starts, in UTC; so must the clock in between, or hours would be cut. */
function checkOffsets(starts: readonly number[], spans: readonly OffsetSpan[], zone: string, every: Every): void {
  const everyMs = EVERY_MS[every];
  const first = starts[0]!;
  const last = starts.at(-1)!;
  spans.forEach(({ from, offsetMs }, i) => {
    const touches = from < last && (spans[i + 1]?.from ?? Number.POSITIVE_INFINITY) > first;
    if (touches && offsetMs % everyMs !== 0) throw new ZoneOffsetError(zone, every, Math.max(from, first), offsetMs);
  });
  for (const start of starts) {
    if (start % everyMs !== 0) throw new ZoneOffsetError(zone, every, start, spans.findLast(({ from }) => from <= start)!.offsetMs);
  }
}
