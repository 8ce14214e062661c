import type { SimulatorConfig } from "./config/simulator-config.js";

/**
 * Records of all topics per user and day of the example configuration, averaged over weeks without growth: 2.55 page
 * views, 85 % of them plays. The hours differ: about half of it at 03:00, twice as much on weekday afternoons.
 */
const EVENTS_PER_USER_DAY = 4.74;
/** Mean gap between sessions of that configuration. */
const SESSION_GAP_SEC = 604_800;
const DAY_SEC = 86_400;

/** Mean events per simulated second of a population. An estimate where the configuration is not the example's: by how often users come. */
export function eventsPerSecond(users: number, { sessionGapSec }: Pick<SimulatorConfig, "sessionGapSec"> = { sessionGapSec: SESSION_GAP_SEC }): number {
  return (users * EVENTS_PER_USER_DAY * SESSION_GAP_SEC) / (sessionGapSec * DAY_SEC);
}

/**
 * How many users give this mean rate per simulated second: half a million for 30 events/s at wall-clock pace. Who
 * plays simulated time `n` times as fast as the clock asks for an `n`-th of the rate it wants to see.
 */
export function usersForRate(rate: number, config?: Pick<SimulatorConfig, "sessionGapSec">): number {
  return Math.max(1, Math.round(rate / eventsPerSecond(1, config)));
}
