const DAY_MS = 86_400_000;
const SATURDAY = 6;

const dayOf = (year: number, month: number, date: number): number => Date.UTC(year, month - 1, date) / DAY_MS;
/** 0 is Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** The `n`-th such weekday of a month; with -1 the last one. */
function nthWeekday(year: number, month: number, weekday: number, n: number): number {
  const first = dayOf(year, month, 1);
  const firstSuch = first + ((weekday - weekdayOf(first) + 7) % 7);
  if (n > 0) return firstSuch + 7 * (n - 1);
  const next = dayOf(year, month + 1, 1);
  return firstSuch + 7 * Math.floor((next - 1 - firstSuch) / 7);
}

/** On a Saturday it is kept on the Friday before, on a Sunday on the Monday after. */
function observed(day: number): number {
  const weekday = weekdayOf(day);
  return weekday === SATURDAY ? day - 1 : weekday === 0 ? day + 1 : day;
}

/** The federal holidays of the United States in this year as they are kept, as epoch days (5 U.S.C. 6103). */
export function usHolidays(year: number): readonly number[] {
  const holidays = [
    observed(dayOf(year, 1, 1)),
    nthWeekday(year, 1, 1, 3),
    nthWeekday(year, 2, 1, 3),
    nthWeekday(year, 5, 1, -1),
    observed(dayOf(year, 7, 4)),
    nthWeekday(year, 9, 1, 1),
    nthWeekday(year, 10, 1, 2),
    observed(dayOf(year, 11, 11)),
    nthWeekday(year, 11, 4, 4),
    observed(dayOf(year, 12, 25)),
    // Next year's first of January may be kept on the last of December.
    observed(dayOf(year + 1, 1, 1)),
  ];
  if (year >= 2021) holidays.push(observed(dayOf(year, 6, 19)));
  return holidays;
}
