import type { SimulatorConfig } from "./config/simulator-config.js";
import { DaysOff } from "./days-off.js";
import type { Random } from "./random.js";

const DAY_SEC = 86_400;
/** The hour of the least traffic. */
const NIGHT_SEC = 3 * 3_600;

const modulo = (value: number, by: number) => value - Math.floor(value / by) * by;
const clamp = (value: number) => Math.max(0, Math.min(1, value));

export type SessionClockConfig = Pick<SimulatorConfig, "leastSessionGapSec" | "dailyDamping" | "weekendDamping" | "weekendOffsetSec" | "weekendRampSec">;

/** When sessions start: rarely at night, on weekends and on holidays. Times are whole epoch seconds, days those of UTC. */
export class SessionClock {
  readonly #config: SessionClockConfig;
  readonly #shiftSec: number;
  readonly #daysOff: DaysOff;

  constructor(config: SessionClockConfig, withHolidays: boolean) {
    this.#config = config;
    this.#shiftSec = config.dailyDamping * DAY_SEC;
    this.#daysOff = new DaysOff(withHolidays);
  }

  /**
   * Moves a time towards the afternoon of its day: with eventsim's damping, starts thin out around 03:00 and are four
   * times as dense around 15:00.
   */
  shifted(sec: number): number {
    const angle = (2 * Math.PI * (modulo(sec, DAY_SEC) - NIGHT_SEC)) / DAY_SEC;
    return sec + Math.floor(this.#shiftSec * Math.sin(angle));
  }

  /** Chance that a session start at this time is dropped: 0 on working days, full on days off, a ramp around the midnights between. */
  dampingAt(sec: number): number {
    const { weekendDamping, weekendOffsetSec, weekendRampSec } = this.#config;
    const day = Math.floor(sec / DAY_SEC);
    const sinceMidnight = sec - day * DAY_SEC;
    const untilMidnight = DAY_SEC - sinceMidnight;
    const dayBefore = this.#daysOff.has(day - 1);
    const dayAfter = this.#daysOff.has(day + 1);
    if (this.#daysOff.has(day)) {
      const risen = dayBefore ? 1 : clamp((sinceMidnight + weekendOffsetSec) / weekendRampSec);
      const left = dayAfter ? 1 : clamp((untilMidnight + weekendOffsetSec) / weekendRampSec);
      return weekendDamping * Math.min(risen, left);
    }
    const rising = dayAfter ? clamp((weekendOffsetSec - untilMidnight) / weekendRampSec) : 0;
    const falling = dayBefore ? clamp((weekendOffsetSec - sinceMidnight) / weekendRampSec) : 0;
    return weekendDamping * Math.max(rising, falling);
  }

  /** When the session after `fromSec` starts, for a user whose sessions are `meanGapSec` apart. */
  next(fromSec: number, meanGapSec: number, random: Random): number {
    const { leastSessionGapSec } = this.#config;
    for (let from = fromSec; ; ) {
      let unshifted = from + Math.floor(random.exponential(meanGapSec)) + leastSessionGapSec;
      let start = this.shifted(unshifted);
      // At night the shift goes back by hours, which may be to before the session that just ended.
      while (start < from) {
        unshifted += leastSessionGapSec;
        start = this.shifted(unshifted);
      }
      if (random.uniform() >= this.dampingAt(start)) return start;
      from = start;
    }
  }
}
