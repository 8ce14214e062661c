import { systemClock, type Clock } from "@millrace/core";
import { MAX_LATE_MS, START_MS } from "./listen-events.js";

/** A clock that stands `afterMs` after the last of the events, which lie in the past: what it says expires nothing. */
export function clockAfter(minutes: number, afterMs: number): Clock {
  const now = START_MS + minutes * 60_000 + MAX_LATE_MS + afterMs;
  return { ...systemClock(), now: () => now };
}
