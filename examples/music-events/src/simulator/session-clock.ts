import { pace } from "./pace.js";
import type { Random } from "./random.js";

const DAY_SEC = 86_400;
const WEEK_SEC = 7 * DAY_SEC;
/** 1970-01-01 was a Thursday, so a Saturday began two days later. */
const FIRST_SATURDAY_SEC = 2 * DAY_SEC;

const modulo = (value: number, by: number) => value - Math.floor(value / by) * by;

/**
 * Moves a time towards the afternoon of its day: starts thin out around 03:00 and are four times as dense around 15:00.
 * Times are whole epoch seconds of the listener's wall clock, which the records label as UTC.
 */
export function shiftToDaytime(sec: number): number {
  const angle = (2 * Math.PI * (modulo(sec, DAY_SEC) - 3 * 3_600)) / DAY_SEC;
  return sec + Math.floor(pace.dailyShiftSec * Math.sin(angle));
}

/** Chance that a session start at this time is dropped: 0 on weekdays, 0.5 on weekends, a ramp of 6 h between. */
export function weekendDampingAt(sec: number): number {
  const { weekendDamping, weekendLeadSec, weekendRampSec } = pace;
  // From the start of the rising ramp; the falling ramp starts two days after it.
  const sinceRampSec = modulo(sec - FIRST_SATURDAY_SEC + weekendLeadSec, WEEK_SEC);
  const rising = sinceRampSec / weekendRampSec;
  const falling = (2 * DAY_SEC + weekendRampSec - sinceRampSec) / weekendRampSec;
  return weekendDamping * Math.max(0, Math.min(1, rising, falling));
}

/** When the session after `fromSec` starts, for a user whose sessions are `meanGapSec` apart. */
export function nextSessionSec(fromSec: number, meanGapSec: number, random: Random): number {
  for (let from = fromSec; ; ) {
    let unshifted = from + Math.floor(random.exponential(meanGapSec)) + pace.leastSessionGapSec;
    let start = shiftToDaytime(unshifted);
    // At night the shift goes back by up to 2 h 15 min, which may be to before the session that just ended.
    while (start < from) {
      unshifted += pace.leastSessionGapSec;
      start = shiftToDaytime(unshifted);
    }
    if (random.uniform() >= weekendDampingAt(start)) return start;
    from = start;
  }
}
