import { partsIn } from "./format-time.js";

/** The instant at which the zone's clock shows a time, given as if it were UTC (epoch ms); the earlier one where it does so twice. */
export function instantOf(zone: string, asUtc: number): number {
  const offsetAt = (instant: number) => {
    const { year, month, day, hour, minute, second } = partsIn(zone, instant);
    return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
  };
  // The offsets before and after any change of the clock nearby.
  for (const offset of [offsetAt(asUtc - 86_400_000), offsetAt(asUtc + 86_400_000)]) if (offsetAt(asUtc - offset) === offset) return asUtc - offset;
  return asUtc - offsetAt(asUtc);
}

/** Start of the zone's window that an instant lies in; of "all" the instant itself. Weeks begin on Mondays. */
export function windowStart(zone: string, instant: number, granularity: string): number {
  const { year, month, day, minute, second } = partsIn(zone, instant);
  const inSecond = ((instant % 1_000) + 1_000) % 1_000;
  switch (granularity) {
    case "second":
      return instant - inSecond;
    case "minute":
      return instant - inSecond - second * 1_000;
    case "hour":
      return instant - inSecond - (minute * 60 + second) * 1_000;
    case "day":
      return instantOf(zone, Date.UTC(year, month - 1, day));
    case "week": {
      const midnight = Date.UTC(year, month - 1, day);
      return instantOf(zone, midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * 86_400_000);
    }
    case "month":
      return instantOf(zone, Date.UTC(year, month - 1, 1));
    case "year":
      return instantOf(zone, Date.UTC(year, 0, 1));
    default:
      return instant;
  }
}

/** One and a half windows: from any start of one it lies in the next. */
const BEYOND_MS: Readonly<Record<string, number>> = { second: 1_500, minute: 90_000, hour: 5_400_000, day: 36 * 3_600_000, week: 10 * 86_400_000, month: 45 * 86_400_000, year: 400 * 86_400_000 };

/** Starts of all windows from the first to the last, both included; undefined where there are more than `most`. */
export function windowsBetween(zone: string, first: number, last: number, granularity: string, most: number): readonly number[] | undefined {
  const beyondMs = BEYOND_MS[granularity];
  if (beyondMs === undefined || (last - first) / beyondMs > most) return undefined;
  const starts: number[] = [];
  for (let start = first; start <= last; start = windowStart(zone, start + beyondMs, granularity)) {
    if (starts.length === most) return undefined;
    starts.push(start);
  }
  return starts;
}
