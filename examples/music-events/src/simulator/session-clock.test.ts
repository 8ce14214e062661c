import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { SessionClock } from "./session-clock.js";

const config = { leastSessionGapSec: 1_800, dailyDamping: 0.09375, weekendDamping: 0.5, weekendOffsetSec: 3 * 3_600, weekendRampSec: 6 * 3_600 };
const clock = new SessionClock(config, false);
const holidayClock = new SessionClock(config, true);
const at = (iso: string) => Date.parse(iso) / 1_000;

describe("shifted", () => {
  it("keeps 03:00 and 15:00 and keeps the order of times", () => {
    for (const fixed of [at("2026-01-05T03:00:00Z"), at("2026-01-05T15:00:00Z")]) {
      // Zero may come out as a hair less, and be rounded down.
      expect(Math.abs(clock.shifted(fixed) - fixed)).toBeLessThanOrEqual(1);
    }
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 2e9 }), fc.nat(200_000), (sec, later) => {
        // Rounding down may swap neighbours by a second.
        expect(clock.shifted(sec + later)).toBeGreaterThanOrEqual(clock.shifted(sec) - 1);
      }),
    );
  });

  it("makes the afternoon 3.9 times as dense as the night", () => {
    const spread = (hour: number) => clock.shifted(hour * 3_600 + 600) - clock.shifted(hour * 3_600 - 600);
    expect(spread(3) / spread(15)).toBeCloseTo(3.9, 1);
  });
});

describe("dampingAt", () => {
  it.each([
    ["2026-01-07T12:00:00Z", 0],
    ["2026-01-09T21:00:00Z", 0],
    ["2026-01-10T00:00:00Z", 0.25],
    ["2026-01-10T03:00:00Z", 0.5],
    ["2026-01-11T21:00:00Z", 0.5],
    ["2026-01-12T00:00:00Z", 0.25],
    ["2026-01-12T03:00:00Z", 0],
    ["1969-12-27T12:00:00Z", 0.5],
  ])("at %s is %d", (iso, damping) => {
    expect(clock.dampingAt(at(iso))).toBeCloseTo(damping, 9);
    expect(holidayClock.dampingAt(at(iso))).toBeCloseTo(damping, 9);
  });

  it.each([
    // Martin Luther King's day is a Monday, so the weekend is one day longer.
    ["2025-01-19T23:00:00Z", 0.5],
    ["2025-01-20T12:00:00Z", 0.5],
    ["2025-01-21T00:00:00Z", 0.25],
    ["2025-01-21T03:00:00Z", 0],
    // A Thursday of its own: both ramps.
    ["2025-11-26T21:00:00Z", 0],
    ["2025-11-27T00:00:00Z", 0.25],
    ["2025-11-27T12:00:00Z", 0.5],
    ["2025-11-28T00:00:00Z", 0.25],
    // The Friday between it and the weekend is no day off: its evening rises again.
    ["2025-11-28T12:00:00Z", 0],
    ["2025-11-28T22:30:00Z", 0.125],
  ])("with holidays, at %s is %d", (iso, damping) => {
    expect(holidayClock.dampingAt(at(iso))).toBeCloseTo(damping, 9);
  });

  it("holds at full for a ramp longer than the offset only from its end on", () => {
    const steep = new SessionClock({ ...config, weekendOffsetSec: 3_600, weekendRampSec: 7_200, weekendDamping: 0.8 }, false);
    expect(["2026-01-09T22:59:59Z", "2026-01-09T23:30:00Z", "2026-01-10T01:00:00Z", "2026-01-11T23:00:00Z", "2026-01-12T01:00:00Z"].map((iso) => Number(steep.dampingAt(at(iso)).toFixed(6)))).toEqual([0, 0.2, 0.8, 0.8, 0]);
  });
});

describe("next", () => {
  it("starts half as many sessions on Saturday as on Wednesday at 15:00, and a quarter at 03:00", () => {
    const random = new Random(1, 1);
    const starts = new Map<number, number>();
    const week = 7 * 86_400;
    for (let sec = 0, count = 0; count < 200_000; count++) {
      sec = clock.next(sec, 86_400, random);
      const hourOfWeek = Math.floor((sec % week) / 3_600);
      starts.set(hourOfWeek, (starts.get(hourOfWeek) ?? 0) + 1);
    }
    // Weeks of the epoch begin on a Thursday.
    const around = (day: number, hour: number) => starts.get(24 * day + hour - 1)! + starts.get(24 * day + hour)!;
    expect(around(2, 15) / around(6, 15)).toBeCloseTo(0.5, 1);
    expect(around(6, 3) / around(6, 15)).toBeCloseTo(0.27, 1);
  });

  it("never starts before the session that ended, in whole seconds", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(2 ** 31), fc.integer({ min: 1, max: 1e7 }), (seed, from, meanGapSec) => {
        const start = clock.next(from, meanGapSec, new Random(seed, 1));
        expect(start).toBeGreaterThanOrEqual(from);
        expect(Number.isInteger(start)).toBe(true);
      }),
    );
  });
});
