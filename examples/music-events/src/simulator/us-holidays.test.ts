import { describe, expect, it } from "vitest";
import { DaysOff } from "./days-off.js";
import { usHolidays } from "./us-holidays.js";

const iso = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const dayOf = (date: string) => Date.parse(date) / 86_400_000;

describe("usHolidays", () => {
  it("are those of the federal calendar", () => {
    // As published by the Office of Personnel Management.
    expect(usHolidays(2025).map(iso).sort()).toEqual([
      "2025-01-01", "2025-01-20", "2025-02-17", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-10-13", "2025-11-11", "2025-11-27", "2025-12-25", "2026-01-01",
    ]);
  });

  it("move off the weekend, also into the year before", () => {
    expect(usHolidays(2021).map(iso).sort()).toEqual([
      "2021-01-01", "2021-01-18", "2021-02-15", "2021-05-31", "2021-06-18", "2021-07-05", "2021-09-06", "2021-10-11", "2021-11-11", "2021-11-25", "2021-12-24", "2021-12-31",
    ]);
    expect(usHolidays(2020).map(iso)).not.toContain("2020-06-19");
  });
});

describe("DaysOff", () => {
  it("are weekends, and holidays where asked for, in whatever order years are asked", () => {
    const [all, weekends] = [new DaysOff(true), new DaysOff(false)];
    for (const date of ["2026-01-01", "1969-07-04", "2025-11-27", "2021-12-31", "1969-12-25"]) {
      expect([date, all.has(dayOf(date)), weekends.has(dayOf(date))]).toEqual([date, true, false]);
    }
    for (const date of ["2025-01-04", "2025-01-05", "1969-12-28"]) expect([all.has(dayOf(date)), weekends.has(dayOf(date))]).toEqual([true, true]);
    for (const date of ["2025-01-06", "2025-11-28", "2022-12-30"]) expect(all.has(dayOf(date))).toBe(false);
  });
});
