import { loadConfig } from "./config/load-config.js";
import type { SimulatorConfig } from "./config/simulator-config.js";
import { standingKey } from "./state.js";
import type { Trap } from "./traps/trap.js";

/** What is not said is taken from the configuration, and then has the default named here. */
export interface SimulatorOptions {
  /** Pages, rates and weights. Default: the one named `example`, see `loadConfig`. */
  readonly config?: SimulatorConfig;
  /** Any safe integer. Decides songs, places, names and every later draw. */
  readonly seed: number;
  /** Users at the start; they decide the rate of events, see `usersForRate`. Default 2,000. */
  readonly users?: number;
  /** Simulated start, epoch ms. Every event is later, and has the milliseconds of this number. */
  readonly startMs: number;
  /**
   * Sign-ups a year for each user there is, so 1 multiplies the users by e in a year. Default 0: nobody ever registers,
   * and the pages of guests do not occur.
   */
  readonly growthRate?: number;
  /** How many of each user leave a year, beside those who cancel: 0.1 is about a tenth of them. Default 0. */
  readonly attritionRate?: number;
  /** The first user has the id after this one, as eventsim counts. Default 1: consumers call the anonymous 0 and 1. */
  readonly firstUserId?: number;
  /** Put on records that say who it was. Default: none. */
  readonly tag?: string;
  /** Whether federal holidays of the United States are as quiet as weekends. Default true. */
  readonly holidays?: boolean;
  /** Default: none. */
  readonly traps?: readonly Trap[];
}

export interface ResolvedOptions {
  readonly config: SimulatorConfig;
  readonly seed: number;
  readonly users: number;
  readonly startMs: number;
  readonly growthRate: number;
  readonly attritionRate: number;
  readonly firstUserId: number;
  readonly tag: string | undefined;
  readonly holidays: boolean;
  readonly traps: ReadonlySet<Trap>;
}

/** Options that cannot be simulated. `problems` names all of them, each with its option. */
export class SimulatorOptionsError extends Error {
  readonly code = "SIMULATOR_OPTIONS";
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`reading simulator options: ${problems.join("; ")}`);
    this.name = "SimulatorOptionsError";
    this.problems = problems;
  }
}

/** Song titles and names are in memory once, users as columns: this is where 32-bit row numbers would still be far away. */
const MOST_USERS = 100_000_000;

/** @throws {SimulatorOptionsError} with everything that is wrong at once. */
export function resolveOptions(options: SimulatorOptions, fromEvent = 0): ResolvedOptions {
  const { config = loadConfig("example"), seed, startMs } = options;
  const users = options.users ?? config.users ?? 2_000;
  const growthRate = options.growthRate ?? config.growthRate ?? 0;
  const attritionRate = options.attritionRate ?? 0;
  const firstUserId = options.firstUserId ?? config.firstUserId ?? 1;
  const tag = options.tag ?? config.tag;

  const problems: string[] = [];
  const whole = (name: string, value: number, least: number, most = Infinity) => {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      problems.push(`${name} must be a whole number of at least ${least}${most < Infinity ? ` and at most ${most}` : ""}, but is ${value}`);
    }
  };
  const rate = (name: string, value: number) => {
    if (!Number.isFinite(value) || value < 0) problems.push(`${name} must be a number of at least 0, but is ${value}`);
  };
  if (!Number.isSafeInteger(seed)) problems.push(`seed must be a safe integer, but is ${seed}`);
  whole("users", users, 1, MOST_USERS);
  if (!Number.isSafeInteger(startMs)) problems.push(`startMs must be a safe integer, but is ${startMs}`);
  rate("growthRate", growthRate);
  rate("attritionRate", attritionRate);
  whole("firstUserId", firstUserId, 0);
  whole("fromEvent", fromEvent, 0);
  const { newUser } = config;
  if (growthRate > 0 && !config.newSessions.has(standingKey(newUser))) {
    problems.push(`growthRate is above 0, but new-session of configuration "${config.source}" has no page for its new users, of auth "${newUser.auth}" and level "${newUser.level}"`);
  }
  if (problems.length > 0) throw new SimulatorOptionsError(problems);
  return { config, seed, users, startMs, growthRate, attritionRate, firstUserId, tag, holidays: options.holidays ?? true, traps: new Set(options.traps) };
}
