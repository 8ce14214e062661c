import path from "node:path";
import { ConfigError, CONFIG_NAMES, loadConfig, parseInstant, parseTraps, simulateUntil, SimulatorOptionsError, TRAPS, type SimulatorConfig, type SimulatorOptions } from "../simulator/index.js";
import type { SimulateFlags } from "./simulate-command.js";

const DAY_MS = 86_400_000;
const DEFAULT_USERS = 1_000;
const DEFAULT_FROM_DAYS_AGO = 15;
const DEFAULT_UNTIL_DAYS_AGO = 1;
const TARGETS = ["ndjson", "log", "kafka"] as const;

/** A run that has been asked for, checked. */
export interface SimulatePlan {
  readonly options: SimulatorOptions;
  /** Epoch ms; Infinity: without end. */
  readonly untilMs: number;
  readonly continuous: boolean;
  readonly target: { readonly kind: "ndjson" | "log"; readonly dir: string } | { readonly kind: "kafka"; readonly brokers: readonly string[] };
}

/** A command line that cannot be run. `problems` names all that is wrong, with its option, in the configuration file too. */
export class SimulateUsageError extends Error {
  readonly code = "SIMULATE_USAGE";
  readonly retryable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`reading the command line:${problems.map((problem) => `\n  ${problem}`).join("")}`);
    this.name = "SimulateUsageError";
    this.problems = problems;
  }
}

/**
 * Reads the options. The command line goes before the configuration file.
 *
 * @param nowMs what "days ago" is counted from, epoch ms.
 * @param here what paths are relative to.
 * @throws {SimulateUsageError} with everything that is wrong at once, before anything is written.
 */
export function planSimulate(flags: SimulateFlags, nowMs: number, here: string): SimulatePlan {
  const problems: string[] = [];
  const number = (option: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    problems.push(`${option} must be a number, but is "${text}"`);
    return undefined;
  };
  const whole = (option: string, text: string | undefined, least: number): number | undefined => {
    const value = number(option, text);
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
    problems.push(`${option} must be a whole number${least > -Infinity ? ` of at least ${least}` : ""}, but is "${text}"`);
    return undefined;
  };
  const rate = (option: string, text: string | undefined): number | undefined => {
    const value = number(option, text);
    if (value === undefined || value >= 0) return value;
    problems.push(`${option} must be a number of at least 0, but is "${text}"`);
    return undefined;
  };
  const daysAgo = (days: number) => Math.floor(nowMs / 1_000) * 1_000 - days * DAY_MS;
  const time = (option: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const instant = /^\d+(\.\d+)?$/.test(text) ? Math.round(daysAgo(Number(text))) : parseInstant(text);
    if (instant === undefined || !Number.isSafeInteger(instant)) problems.push(`${option} must be a time such as 2025-01-06T00:00:00Z or a number of days ago, but is "${text}"`);
    return instant;
  };
  /** The value of an option that has two names. */
  const either = <T>(read: (option: string, text: string | undefined) => T | undefined, ...named: readonly (readonly [option: string, text: string | undefined])[]): T | undefined => {
    const given = named.filter(([, text]) => text !== undefined);
    if (given.length > 1) problems.push(`${given.map(([option]) => option).join(" and ")} are two names of one option: give one of them`);
    return given.map(([option, text]) => read(option, text))[0];
  };

  let config: SimulatorConfig | undefined;
  try {
    config = loadConfig(CONFIG_NAMES.includes(flags.config) ? flags.config : path.resolve(here, flags.config));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems.map(({ path, message }) => `--config ${flags.config}: ${path === "$" ? "" : `${path}: `}${message}`));
  }
  const users = whole("--nusers", flags.nusers, 1);
  const growthRate = rate("--growth-rate", flags.growthRate);
  const attritionRate = rate("--attrition-rate", flags.attritionRate);
  const startMs = either(time, ["--from", flags.from], ["--start-time", flags.startTime]) ?? config?.startMs ?? daysAgo(DEFAULT_FROM_DAYS_AGO);
  const givenUntilMs = either(time, ["--until", flags.until], ["--end-time", flags.endTime]) ?? config?.endMs;
  const untilMs = givenUntilMs ?? (flags.continuous ? Infinity : daysAgo(DEFAULT_UNTIL_DAYS_AGO));
  const firstUserId = whole("--userid", flags.userid, 0);
  const seed = either((option, text) => whole(option, text, -Infinity), ["--seed", flags.seed], ["--randomseed", flags.randomseed]) ?? config?.seed ?? 0;
  const { traps, unknown } = parseTraps(flags.traps ?? "none");
  for (const name of unknown) problems.push(`--traps: there is no trap "${name}"; there are ${TRAPS.join(", ")}, and all`);
  const kind = TARGETS.find((target) => target === flags.to);
  if (kind === undefined) problems.push(`--to must be ${TARGETS.slice(0, -1).join(", ")} or ${TARGETS.at(-1)}, but is "${flags.to}"`);
  const brokers = flags.brokers.split(",").map((broker) => broker.trim());
  if (kind === "kafka" && !brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker))) problems.push(`--brokers must be addresses such as kafka-1:9092 with commas between, but is "${flags.brokers}"`);
  if (flags.tag === "") problems.push("--tag must not be empty");
  if (problems.length === 0 && startMs >= untilMs) problems.push(`--until must be after --from, but ${new Date(untilMs).toISOString()} is not after ${new Date(startMs).toISOString()}`);

  const options: SimulatorOptions = {
    ...(config && { config }),
    seed,
    users: users ?? config?.users ?? DEFAULT_USERS,
    startMs,
    ...(growthRate !== undefined && { growthRate }),
    ...(attritionRate !== undefined && { attritionRate }),
    ...(firstUserId !== undefined && { firstUserId }),
    ...(flags.tag !== undefined && { tag: flags.tag }),
    holidays: flags.holidays,
    traps,
  };
  if (problems.length === 0) {
    try {
      // Starts nothing before its first event.
      simulateUntil(options, untilMs);
    } catch (error) {
      if (!(error instanceof SimulatorOptionsError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0 || kind === undefined) throw new SimulateUsageError(problems);
  return { options, untilMs, continuous: flags.continuous === true, target: kind === "kafka" ? { kind, brokers } : { kind, dir: path.resolve(here, kind === "log" ? flags.data : flags.out) } };
}
