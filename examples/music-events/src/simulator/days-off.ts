import { usHolidays, weekdayOf } from "./us-holidays.js";

const DAY_MS = 86_400_000;
const SATURDAY = 6;
const SPAN_DAYS = 512;

const yearOf = (day: number): number => new Date(day * DAY_MS).getUTCFullYear();

/** Which days are a weekend's or, where asked for, a holiday. Days are epoch days. */
export class DaysOff {
  readonly #withHolidays: boolean;
  readonly #holidays = new Set<number>();
  /** Spans of days whose holidays are in the set. */
  readonly #spans = new Set<number>();

  constructor(withHolidays: boolean) {
    this.#withHolidays = withHolidays;
  }

  has(day: number): boolean {
    const weekday = weekdayOf(day);
    if (weekday === 0 || weekday === SATURDAY) return true;
    return this.#withHolidays && this.#isHoliday(day);
  }

  #isHoliday(day: number): boolean {
    // Spans, not years: the year of a day is costly to tell, and users come from many of them.
    const span = Math.floor(day / SPAN_DAYS);
    if (!this.#spans.has(span)) {
      this.#spans.add(span);
      for (let year = yearOf(span * SPAN_DAYS); year <= yearOf((span + 1) * SPAN_DAYS - 1); year++) {
        for (const holiday of usHolidays(year)) this.#holidays.add(holiday);
      }
    }
    return this.#holidays.has(day);
  }
}
