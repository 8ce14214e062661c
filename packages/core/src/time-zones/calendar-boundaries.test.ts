import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { calendarBoundaries } from "./calendar-boundaries.js";
import type { Granularity } from "./granularity.js";
import { UnknownZoneError } from "./unknown-zone-error.js";
import { ZoneOffsetError } from "./zone-offset-error.js";

const at = (iso: string) => Date.parse(iso);
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const lengths = (starts: readonly number[], unit: number) => starts.slice(1).map((start, i) => (start - starts[i]!) / unit);

describe("calendar windows", () => {
  it("have days of 23 and 25 hours where clocks change", () => {
    const spring = calendarBoundaries(at("2026-03-07T12:00-05:00"), at("2026-03-09T12:00-04:00"), "day", "America/New_York", "hour");
    expect(spring).toEqual(["2026-03-07T00:00-05:00", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00", "2026-03-10T00:00-04:00"].map(at));
    expect(lengths(spring, HOUR_MS)).toEqual([24, 23, 24]);
    const autumn = calendarBoundaries(at("2026-10-24T22:00Z"), at("2026-10-26T22:59:59Z"), "day", "Europe/Berlin", "minute");
    expect(lengths(autumn, HOUR_MS)).toEqual([25, 24]);
  });

  it("show the hour that comes twice as two windows and the one that is skipped not at all", () => {
    const autumn = calendarBoundaries(at("2026-11-01T00:00-04:00"), at("2026-11-02T00:00-05:00"), "hour", "America/New_York", "minute");
    expect(autumn.length).toBe(26);
    expect(new Set(lengths(autumn, HOUR_MS))).toEqual(new Set([1]));
    expect(calendarBoundaries(at("2026-03-08T00:00-05:00"), at("2026-03-09T00:00-04:00"), "hour", "America/New_York", "hour").length).toBe(24);
  });

  it("start on Monday, the first of the month, the first of the year", () => {
    const range = [at("2025-12-31T12:00Z"), at("2026-02-02T12:00Z")] as const;
    const iso = (granularity: Granularity, zone: string) => calendarBoundaries(...range, granularity, zone, "hour").map((start) => DateTime.fromMillis(start, { zone }).toISO({ suppressMilliseconds: true }));
    expect(iso("week", "Asia/Tokyo")).toEqual(["2025-12-29", "2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-02", "2026-02-09"].map((date) => `${date}T00:00:00+09:00`));
    expect(iso("month", "America/New_York")).toEqual(["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"].map((date) => `${date}T00:00:00-05:00`));
    expect(iso("year", "UTC")).toEqual(["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]);
  });

  it("in a zone half an hour off start at half past in UTC, and are refused to a view of hours", () => {
    const hours = calendarBoundaries(at("2026-05-01T10:00Z"), at("2026-05-01T12:00Z"), "hour", "Asia/Kolkata", "minute");
    expect(hours).toEqual(["09:30", "10:30", "11:30", "12:30"].map((time) => at(`2026-05-01T${time}Z`)));
    const refused = () => calendarBoundaries(at("2026-05-01T10:00Z"), at("2026-05-01T12:00Z"), "day", "Asia/Kolkata", "hour");
    expect(refused).toThrow(ZoneOffsetError);
    expect(refused).toThrow('making calendar windows in zone "Asia/Kolkata" of windows of one hour: at 2026-04-30T18:30:00.000Z the zone is UTC+05:30, no multiple of one hour');
    expect(calendarBoundaries(0, HOUR_MS, "hour", "Asia/Kathmandu", "minute")).toEqual([-30 * MINUTE_MS, 30 * MINUTE_MS, 90 * MINUTE_MS]);
  });

  it("are refused only where the range has such an offset", () => {
    // Lord Howe: +10:30 in winter, +11 in summer; the clock changes on 2026-04-05 at 02:00.
    expect(lengths(calendarBoundaries(at("2026-01-01T00:00Z"), at("2026-01-03T00:00Z"), "day", "Australia/Lord_Howe", "hour"), HOUR_MS)).toEqual([24, 24, 24]);
    expect(() => calendarBoundaries(at("2026-04-01T00:00Z"), at("2026-04-08T00:00Z"), "day", "Australia/Lord_Howe", "hour")).toThrow(ZoneOffsetError);
    const hours = calendarBoundaries(at("2026-04-04T14:00Z"), at("2026-04-04T16:00Z"), "hour", "Australia/Lord_Howe", "minute");
    expect(lengths(hours, MINUTE_MS)).toEqual([90, 60]);
    const spring = calendarBoundaries(at("2026-10-03T14:30Z"), at("2026-10-03T17:00Z"), "hour", "Australia/Lord_Howe", "minute");
    expect(lengths(spring, MINUTE_MS)).toEqual([60, 30, 60]);
  });

  it("start where the clock first shows the date, when midnight or a whole date is skipped", () => {
    const saoPaulo = calendarBoundaries(at("2018-11-03T12:00Z"), at("2018-11-05T12:00Z"), "day", "America/Sao_Paulo", "hour");
    expect(saoPaulo).toEqual(["2018-11-03T00:00-03:00", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00", "2018-11-06T00:00-02:00"].map(at));
    const apia = calendarBoundaries(at("2011-12-29T20:00Z"), at("2011-12-31T20:00Z"), "day", "Pacific/Apia", "hour");
    expect(apia).toEqual(["2011-12-29T00:00-10:00", "2011-12-31T00:00+14:00", "2012-01-01T00:00+14:00", "2012-01-02T00:00+14:00"].map(at));
  });

  it("of the past are refused where the zone had its local mean time", () => {
    expect(() => calendarBoundaries(at("1880-01-01T00:00Z"), at("1880-01-02T00:00Z"), "day", "America/New_York", "minute")).toThrow(/UTC-04:56:02/);
    expect(calendarBoundaries(at("1880-01-01T12:00Z"), at("1880-01-01T13:00Z"), "day", "America/New_York", "second")[0]).toBe(at("1880-01-01T04:56:02Z"));
  });

  it("of an unknown zone are an error, of an empty range none", () => {
    expect(() => calendarBoundaries(0, 1, "day", "Mars/Olympus", "hour")).toThrow(UnknownZoneError);
    expect(calendarBoundaries(5, 5, "day", "UTC", "hour")).toEqual([]);
  });

  it("cover any range, grow, and are those of luxon", () => {
    const zones = fc.constantFrom("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "Pacific/Apia");
    const granularities = fc.constantFrom<Granularity[]>("hour", "day", "week", "month", "year");
    const instants = fc.integer({ min: at("2000-01-01"), max: at("2039-01-01") });
    fc.assert(
      fc.property(zones, granularities, instants, fc.integer({ min: 1, max: 400 * 24 }), (zone, granularity, from, hours) => {
        const until = from + (granularity === "hour" ? Math.min(hours, 60) : hours) * HOUR_MS;
        const starts = calendarBoundaries(from, until, granularity, zone, "second");
        expect(starts[0]).toBeLessThanOrEqual(from);
        expect(starts[1]).toBeGreaterThan(from);
        expect(starts.at(-1)).toBeGreaterThanOrEqual(until);
        expect(starts.at(-2)).toBeLessThan(until);
        for (let i = 1; i < starts.length; i++) expect(starts[i]).toBeGreaterThan(starts[i - 1]!);
        if (granularity === "hour") return;
        for (const start of starts) expect(DateTime.fromMillis(start, { zone }).startOf(granularity).toMillis()).toBe(start);
        for (const start of starts.slice(1)) expect(DateTime.fromMillis(start - 1, { zone }).startOf(granularity).toMillis()).toBe(starts[starts.indexOf(start) - 1]);
      }),
      { numRuns: 150 },
    );
  });

  it("of a day of minutes and of a year of days take little time", () => {
    const started = process.cpuUsage();
    for (let i = 0; i < 20; i++) {
      expect(calendarBoundaries(at("2026-03-08T05:00Z"), at("2026-03-09T04:00Z"), "minute", "America/New_York", "minute").length).toBe(23 * 60 + 1);
      expect(calendarBoundaries(at("2026-01-01T05:00Z"), at("2027-01-01T05:00Z"), "day", "America/New_York", "minute").length).toBe(366);
    }
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });
});
