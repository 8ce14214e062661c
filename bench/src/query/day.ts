import { START_MS } from "../listen-events/listen-events.js";

export const DAY_MINUTES = 1_440;

/** All events of a day's log. */
export const DAY = { from: START_MS, until: START_MS + DAY_MINUTES * 60_000 };
