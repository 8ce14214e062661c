import { DateTime } from "luxon";
/** Starts of the calendar's windows that cover `[from, until)`, and the end of the last. */
export function calendarBoundaries(from: number, until: number, granularity: string, zone: string, _every: string): number[] {
  const unit = granularity as "day";
  let at = DateTime.fromMillis(from, { zone }).startOf(unit);
  const out = [at.toMillis()];
  while (at.toMillis() < until) {
    const next = granularity === "hour" ? DateTime.fromMillis(at.toMillis() + 3_600_000, { zone }).startOf("hour") : at.plus({ [granularity + "s"]: 1 }).startOf(unit);
    at = next.toMillis() > at.toMillis() ? next : DateTime.fromMillis(at.toMillis() + 3_600_000, { zone });
    out.push(at.toMillis());
  }
  return out;
}
