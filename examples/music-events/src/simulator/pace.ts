const DAY_SEC = 86_400;

/** How often users come and act: the numbers of eventsim's example configuration. */
export const pace = {
  /** Mean over users of a user's mean gap between two pages. */
  eventGapSec: 90,
  /** Mean over users of a user's mean gap between two sessions. */
  sessionGapSec: 7 * DAY_SEC,
  /** Deviation of the logarithm of both means between users. */
  sigma: 1,
  /** The least pause between two sessions of a user. */
  leastSessionGapSec: 1_800,
  /** Amplitude of the daily shift of session starts. From `DAY_SEC / (2 pi)` on, the day would fold over itself. */
  dailyShiftSec: 0.09375 * DAY_SEC,
  /** Chance that a session start in the middle of a weekend is dropped. */
  weekendDamping: 0.5,
  /** The weekend comes and goes on a ramp that starts this long before midnight. */
  weekendLeadSec: 3 * 3_600,
  /** Length of that ramp. */
  weekendRampSec: 6 * 3_600,
  yearSec: 365.25 * DAY_SEC,
} as const;
