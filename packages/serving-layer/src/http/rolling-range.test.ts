import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { songs } from "../testing/plays.js";
import { queryAt, rollingRangeOf } from "./rolling-range.js";

const view = songs.definition;
const MINUTE = 60_000;
const at = Date.UTC(2026, 4, 20, 12, 34, 56);

describe("a rolling range", () => {
  it("ends with the step that now lies in, or before it", () => {
    const total = { granularity: "all" } as const;
    expect(queryAt(view, total, { ms: 60 * MINUTE }, at)).toEqual({ granularity: "all", from: Date.UTC(2026, 4, 20, 11, 35), until: Date.UTC(2026, 4, 20, 12, 35) });
    expect(queryAt(view, total, { ms: 60 * MINUTE, whole: true }, at)).toMatchObject({ from: Date.UTC(2026, 4, 20, 11, 34), until: Date.UTC(2026, 4, 20, 12, 34) });
    expect(queryAt(view, total, { ms: 60 * MINUTE, whole: true, backMs: 60 * MINUTE }, at)).toMatchObject({ from: Date.UTC(2026, 4, 20, 10, 34), until: Date.UTC(2026, 4, 20, 11, 34) });
    // Steps are whole windows of the view.
    expect(queryAt(view, total, { ms: 60 * MINUTE, stepMs: 61_000 }, at)).toMatchObject({ until: Date.UTC(2026, 4, 20, 12, 36) });
  });

  it("begins with a whole window of its granularity and zone", () => {
    expect(queryAt(view, { granularity: "hour" }, { ms: 150 * MINUTE }, at).from).toBe(Date.UTC(2026, 4, 20, 10));
    // Midnight in New York, four hours after that of UTC.
    expect(queryAt(view, { granularity: "day", zone: "America/New_York" }, { ms: 24 * 60 * MINUTE }, at)).toMatchObject({ from: Date.UTC(2026, 4, 19, 4), until: Date.UTC(2026, 4, 20, 12, 35) });
  });

  it("begins with the hour, day, week, month or year of the zone where that is asked", () => {
    const zone = "America/New_York";
    const fromOf = (since: "hour" | "day" | "week" | "month" | "year", more: { readonly zone?: string } = { zone }) => queryAt(view, { granularity: "all", ...more }, { since }, at);
    expect(fromOf("day", {})).toEqual({ granularity: "all", from: Date.UTC(2026, 4, 20), until: Date.UTC(2026, 4, 20, 12, 35) });
    expect(fromOf("day")).toMatchObject({ from: Date.UTC(2026, 4, 20, 4), until: Date.UTC(2026, 4, 20, 12, 35) });
    expect(fromOf("hour").from).toBe(Date.UTC(2026, 4, 20, 12));
    expect(fromOf("week").from).toBe(Date.UTC(2026, 4, 18, 4));
    expect(fromOf("month").from).toBe(Date.UTC(2026, 4, 1, 4));
    // Winter time.
    expect(fromOf("year").from).toBe(Date.UTC(2026, 0, 1, 5));
    // Its first instant, and the last one of the day before, an hour longer than others.
    const midnight = Date.UTC(2026, 10, 2, 5);
    expect(queryAt(view, { granularity: "all", zone }, { since: "day" }, midnight)).toMatchObject({ from: midnight, until: midnight + MINUTE });
    expect(queryAt(view, { granularity: "all", zone }, { since: "day" }, midnight - 1)).toMatchObject({ from: Date.UTC(2026, 10, 1, 4), until: midnight });
    expect(() => queryAt(view, { granularity: "all", zone: "Mars" }, { since: "day" }, at)).toThrow(/zone: "Mars"/);
  });

  it("moves only when a step has passed, and never loses now", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e8 }), fc.integer({ min: 1, max: 1e7 }), (now, ms, stepMs) => {
        const { from, until } = queryAt(view, { granularity: "all" }, { ms, stepMs }, now);
        const step = Math.ceil(stepMs / MINUTE) * MINUTE;
        expect(until - from).toBe(ms);
        expect(until > now && until - now <= step).toBe(true);
        expect(queryAt(view, { granularity: "all" }, { ms, stepMs }, until - 1)).toMatchObject({ from, until });
        expect(queryAt(view, { granularity: "all" }, { ms, stepMs }, until).until).toBe(until + step);
      }),
    );
  });

  it("is read with every mistake", () => {
    expect(rollingRangeOf({ ms: 1, stepMs: 2, backMs: 0, whole: true })).toEqual({ range: { ms: 1, stepMs: 2, backMs: 0, whole: true } });
    expect(rollingRangeOf({ stepMs: 0, backMs: -1, whole: 1, hours: 2 })).toEqual({
      problems: [
        { path: "last.ms", message: "a whole number of ms is needed" },
        { path: "last.stepMs", message: "a whole number of ms is needed" },
        { path: "last.backMs", message: "a whole number of ms is needed" },
        { path: "last.whole", message: "must be true or false" },
        { path: "last.hours", message: 'no such field; there is "ms", "since", "stepMs", "backMs", "whole"' },
      ],
    });
    expect(rollingRangeOf({ since: "day", stepMs: 5 })).toEqual({ range: { since: "day", stepMs: 5 } });
    expect(rollingRangeOf({ since: "noon", ms: 1, whole: true })).toEqual({
      problems: [
        { path: "last.since", message: 'one of "hour", "day", "week", "month", "year" is needed' },
        { path: "last.ms", message: "not together with `since`" },
        { path: "last.whole", message: "not together with `since`" },
      ],
    });
    for (const value of [null, 1, "1h", []]) expect(rollingRangeOf(value)).toMatchObject({ problems: [{ path: "last" }] });
  });
});
