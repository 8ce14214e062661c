import fc from "fast-check";
import { expect, it } from "vitest";
import { Windows } from "./windows.js";

it("has the window of every instant, and all of a range, however lengths change", () => {
  const lengths = fc.array(fc.constantFrom(23, 24, 24, 24, 25), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: -300, max: 300 }), lengths, fc.nat(300), fc.nat(300), (first, steps, a, b) => {
      const boundaries = steps.reduce((all, step) => [...all, all.at(-1)! + step], [first]);
      const span = boundaries.at(-1)! - first;
      const windows = Windows.between(boundaries);
      const startOf = (instant: number) => boundaries.findLast((boundary) => boundary <= instant)!;
      for (let instant = first; instant < first + span; instant++) expect(windows.startOf(instant)).toBe(startOf(instant));
      const from = first + (a % span);
      const until = Math.min(from + 1 + b, first + span);
      expect([...windows.starts(from, until)]).toEqual(boundaries.filter((boundary) => boundary >= startOf(from) && boundary < until));
    }),
  );
});

it("fixes windows to 1970, also before it", () => {
  const windows = Windows.fixed(1_000, -1_500);
  expect([-1_500, -1_000, -1, 0, 999].map((instant) => windows.startOf(instant))).toEqual([-2_000, -1_000, -1_000, 0, 0]);
  expect(windows.sql("t")).toBe("t - (t - -2000) % 1000");
});

it("says a calendar in SQL with one case a run", () => {
  expect(Windows.between([0, 10, 20, 31, 41]).sql("t")).toBe(
    "CASE WHEN t < 20 THEN t - (t - 0) % 10 WHEN t < 31 THEN t - (t - 20) % 11 ELSE t - (t - 31) % 10 END",
  );
});
