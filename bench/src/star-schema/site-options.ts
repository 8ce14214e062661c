import { fileURLToPath } from "node:url";

const CONFIG = fileURLToPath(new URL("../../../examples/music-events/config/example.json", import.meta.url));
const MOST_DAYS = 30;
/** A day has at least so many events, or there are fewer days: loading days costs, too. */
const LEAST_EVENTS_A_DAY = 20_000;
/** Of each of the default million: a warehouse of one million events would say little. */
const EVENTS_PER_EVENT = 5;

/** How many events of how many days the star schema is loaded from, for a bench of `events`. */
export function siteOptions(events: number) {
  const all = events * EVENTS_PER_EVENT;
  return { config: CONFIG, events: all, days: Math.min(MOST_DAYS, Math.max(2, Math.floor(all / LEAST_EVENTS_A_DAY))) };
}
