/** Numbers of a zone's calendar at an instant. */
export interface ZonedParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const formats = new Map<string, Intl.DateTimeFormat>();

export function partsIn(zone: string, instant: number): ZonedParts {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value);
  return parts as unknown as ZonedParts;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `14:05`, `14:05:30` */
export function clockTime(zone: string, instant: number, seconds = false): string {
  const { hour, minute, second } = partsIn(zone, instant);
  return `${two(hour)}:${two(minute)}${seconds ? `:${two(second)}` : ""}`;
}

/** `6 Jan` */
export function dayOf(zone: string, instant: number): string {
  const { day, month } = partsIn(zone, instant);
  return `${day} ${MONTHS[month - 1]}`;
}

/** A window's start, as exactly as its length needs. */
export function windowLabel(zone: string, instant: number, granularity: string): string {
  const { year } = partsIn(zone, instant);
  switch (granularity) {
    case "second":
      return `${dayOf(zone, instant)} ${clockTime(zone, instant, true)}`;
    case "minute":
    case "hour":
      return `${dayOf(zone, instant)} ${clockTime(zone, instant)}`;
    case "month":
      return `${MONTHS[partsIn(zone, instant).month - 1]} ${year}`;
    case "year":
      return String(year);
    default:
      return `${dayOf(zone, instant)} ${year}`;
  }
}

/** `6 Jan 2025, 14:05:30` */
export function fullTime(zone: string, instant: number): string {
  return `${dayOf(zone, instant)} ${partsIn(zone, instant).year}, ${clockTime(zone, instant, true)}`;
}

/** `3 min`, for an age or a length. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
