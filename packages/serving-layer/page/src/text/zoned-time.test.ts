import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partsIn } from "./format-time.js";
import { instantOf, windowsBetween, windowStart } from "./zoned-time.js";

const NEW_YORK = "America/New_York";
const at = Date.UTC(2026, 4, 20, 12, 34, 56, 789);

describe("a window of a zone", () => {
  it("starts with the zone's calendar", () => {
    const of = (zone: string) => ["second", "minute", "hour", "day", "week", "month", "year", "all"].map((granularity) => new Date(windowStart(zone, at, granularity)).toISOString().slice(0, 23));
    expect(of("UTC")).toEqual(["2026-05-20T12:34:56.000", "2026-05-20T12:34:00.000", "2026-05-20T12:00:00.000", "2026-05-20T00:00:00.000", "2026-05-18T00:00:00.000", "2026-05-01T00:00:00.000", "2026-01-01T00:00:00.000", "2026-05-20T12:34:56.789"]);
    expect(of(NEW_YORK).slice(3, 7)).toEqual(["2026-05-20T04:00:00.000", "2026-05-18T04:00:00.000", "2026-05-01T04:00:00.000", "2026-01-01T05:00:00.000"]);
    // An hour of Kathmandu begins a quarter past one of UTC.
    expect(of("Asia/Kathmandu")[2]).toBe("2026-05-20T12:15:00.000");
  });

  it("follows its days through changes of the clock, each once", () => {
    const [first, last] = [Date.UTC(2026, 2, 7, 5), Date.UTC(2026, 2, 10, 4)];
    expect(windowsBetween(NEW_YORK, first, last, "day", 10)).toEqual([first, Date.UTC(2026, 2, 8, 5), Date.UTC(2026, 2, 9, 4), last]);
    expect(windowsBetween(NEW_YORK, first, last, "day", 3)).toBeUndefined();
    expect(windowsBetween("UTC", first, last, "all", 3)).toBeUndefined();
    expect(windowsBetween("UTC", Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1), "month", 20)).toHaveLength(13);
  });

  it("holds the instant, and begins with what the clock shows then", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom(NEW_YORK, "UTC", "Asia/Kolkata", "Australia/Lord_Howe"), fc.constantFrom("day", "week", "month", "year"), (instant, zone, granularity) => {
        const start = windowStart(zone, instant, granularity);
        expect(start).toBeLessThanOrEqual(instant);
        expect(windowStart(zone, start, granularity)).toBe(start);
        expect(partsIn(zone, start)).toMatchObject({ hour: 0, minute: 0, second: 0 });
        expect(instantOf(zone, Date.UTC(partsIn(zone, start).year, partsIn(zone, start).month - 1, partsIn(zone, start).day))).toBe(start);
      }),
    );
  });
});
