export const DAY_MS = 86_400_000;

/** Days since 1970-01-01 UTC. */
export const utcDay = (epochMs: number): number => Math.floor(epochMs / DAY_MS);

/** `YYYY-MM-DD` of a day. Years before 0 or after 9999 have a sign and six digits, as in ISO 8601. */
export function utcDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().split("T")[0]!;
}

/** The day of a `YYYY-MM-DD`. */
export function dayOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}
