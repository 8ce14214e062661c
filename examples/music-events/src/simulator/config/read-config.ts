import { createHash } from "node:crypto";
import { parseInstant } from "../instant.js";
import { standingKey, stateKey, type Standing, type State } from "../state.js";
import { ConfigError, type ConfigProblem } from "./config-error.js";
import { ObjectReader } from "./object-reader.js";
import type { SimulatorConfig, Transition, Weighted } from "./simulator-config.js";

const DAY_SEC = 86_400;
const MINUTE_SEC = 60;
/** Probabilities are decimal texts: sums of them miss 1 by rounding. */
const ROUNDING = 1e-9;

/**
 * Reads a configuration file in eventsim's format.
 *
 * Defaults are eventsim's, save two that cannot have been meant: the level of new users is "free" and not "Free", and
 * the weekend's ramp is six hours and not six minutes. `upgrades` and `downgrades` mean nothing there and here.
 *
 * @param source names the file in messages.
 * @throws {ConfigError} with all mistakes at once, each with its path.
 */
export function readConfig(text: string, source: string): SimulatorConfig {
  const problems: ConfigProblem[] = [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(source, [{ path: "$", message: `is not JSON: ${(error as Error).message}` }], error);
  }
  const file = new ObjectReader(json, "", problems);
  const { states, transitions } = readTransitions(file);
  const config: SimulatorConfig = {
    source,
    digest: createHash("sha256").update(text).digest("hex"),
    seed: file.number("seed", { whole: true }, 0),
    eventGapSec: file.number("alpha", { above: 0 }, 60),
    sessionGapSec: file.number("beta", { above: 0 }, 3 * DAY_SEC),
    leastSessionGapSec: file.number("session-gap", { least: 1, whole: true }, 1_800),
    dailyDamping: file.number("damping", { least: 0, most: 1 }, 0.0625),
    weekendDamping: file.number("weekend-damping", { least: 0, most: 1 }, 0.5),
    weekendOffsetSec: MINUTE_SEC * file.number("weekend-damping-offset", { least: 0, most: 720 }, 360),
    weekendRampSec: MINUTE_SEC * file.number("weekend-damping-scale", { least: 1, most: 1_440 }, 360),
    churnedAuth: file.has("churned-state") ? file.text("churned-state") : undefined,
    newUser: { auth: file.text("new-user-auth", "Guest"), level: file.text("new-user-level", "free") },
    initialUsers: readInitialUsers(file),
    shownAuths: readShownAuths(file),
    states,
    transitions,
    newSessions: readNewSessions(file, states),
    startMs: readInstant(file, "start-date"),
    endMs: readInstant(file, "end-date"),
    users: file.has("n-users") ? file.number("n-users", { least: 1, whole: true }) : undefined,
    firstUserId: file.has("first-user-id") ? file.number("first-user-id", { least: 0, whole: true }) : undefined,
    growthRate: file.has("growth-rate") ? file.number("growth-rate", { least: 0 }) : undefined,
    tag: file.has("tag") ? file.text("tag") : undefined,
  };
  for (const key of ["upgrades", "downgrades"]) file.list(key, { optional: true });
  file.refuseOthers();
  // Of a half-read file it says nothing new.
  if (problems.length === 0) problems.push(...sessionsWithoutNext(config));
  if (problems.length > 0) throw new ConfigError(source, problems);
  return config;
}

function readState(entry: ObjectReader): State {
  return {
    page: entry.text("page"),
    auth: entry.text("auth"),
    level: entry.text("level"),
    method: entry.text("method"),
    status: entry.number("status", { least: 100, most: 599, whole: true }),
  };
}

function readTransitions(file: ObjectReader): { readonly states: State[]; readonly transitions: Transition[][] } {
  const states: State[] = [];
  const transitions: Transition[][] = [];
  const numbers = new Map<string, number>();
  const numberOf = (state: State): number => {
    const key = stateKey(state);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    transitions.push([]);
    return states.push(state) - 1;
  };
  const read = (entry: ObjectReader): number => {
    const state = readState(entry);
    entry.refuseOthers();
    return numberOf(state);
  };

  const entries = file.list("transitions");
  if (file.has("transitions") && entries.length === 0) file.note("transitions", "must have at least one entry");
  for (const entry of entries) {
    const row = transitions[read(entry.object("source"))]!;
    const to = read(entry.object("dest"));
    const p = entry.number("p", { least: 0, most: 1 });
    entry.refuseOthers();
    if (row.some((other) => other.to === to)) entry.note("dest", "is the same as of an earlier entry with this source");
    const before = sumOf(row);
    row.push({ to, p });
    if (before <= 1 + ROUNDING && before + p > 1 + ROUNDING) entry.note("p", `makes the chances of this source add up to ${Number((before + p).toFixed(9))}, more than 1`);
  }
  return { states, transitions };
}

const sumOf = (row: readonly Transition[]): number => row.reduce((sum, { p }) => sum + p, 0);

function readNewSessions(file: ObjectReader, states: readonly State[]): Map<string, Weighted<number>[]> {
  const numbers = new Map(states.map((state, number) => [stateKey(state), number]));
  const sessions = new Map<string, Weighted<number>[]>();
  for (const entry of file.list("new-session")) {
    const state = readState(entry);
    const weight = entry.number("weight", { least: 0 });
    entry.refuseOthers();
    const value = numbers.get(stateKey(state));
    if (value === undefined) {
      entry.note("page", `"${state.page}" with this auth, level, method and status is in no transition`);
      continue;
    }
    const key = standingKey(state);
    if (!sessions.has(key)) sessions.set(key, []);
    sessions.get(key)!.push({ value, weight });
  }
  return sessions;
}

/** Auth and level are drawn on their own, so the weights multiply. */
function readInitialUsers(file: ObjectReader): Weighted<Standing>[] {
  const read = (list: string, key: string) => {
    const entries = file.list(list).map((entry) => {
      const read = { value: entry.text(key), weight: entry.number("weight", { least: 0 }) };
      entry.refuseOthers();
      return read;
    });
    if (file.has(list) && !entries.some(({ weight }) => weight > 0)) file.note(list, "must have an entry with a weight above 0");
    return entries;
  };
  const auths = read("auths", "auth");
  const levels = read("levels", "level");
  return auths.flatMap((auth) => levels.map((level) => ({ value: { auth: auth.value, level: level.value }, weight: auth.weight * level.weight }))).filter(({ weight }) => weight > 0);
}

function readShownAuths(file: ObjectReader): Set<string> {
  const shown = new Set<string>();
  for (const entry of file.list("show-user-details")) {
    const auth = entry.text("auth");
    if (entry.boolean("show")) shown.add(auth);
    entry.refuseOthers();
  }
  return shown;
}

function readInstant(file: ObjectReader, key: string): number | undefined {
  if (!file.has(key)) return undefined;
  const instant = parseInstant(file.text(key));
  if (instant === undefined) file.note(key, "must be a date and time such as 2025-01-06T00:00:00");
  return instant;
}

/** Standings that users get into and cannot start a session from. */
function sessionsWithoutNext({ states, transitions, newSessions, initialUsers, newUser, churnedAuth }: SimulatorConfig): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const seen = new Set<number>();
  const asked = new Set<string>();
  const enter = (standing: Standing, why: string): void => {
    const key = standingKey(standing);
    if (asked.has(key) || standing.auth === churnedAuth) return;
    asked.add(key);
    const starts = newSessions.get(key)?.filter(({ weight }) => weight > 0) ?? [];
    if (starts.length === 0) problems.push({ path: "new-session", message: `has no page for auth "${standing.auth}" and level "${standing.level}", ${why}` });
    for (const { value } of starts) visit(value);
  };
  const visit = (first: number): void => {
    for (const open = [first]; open.length > 0; ) {
      const number = open.pop()!;
      if (seen.has(number)) continue;
      seen.add(number);
      const row = transitions[number]!;
      open.push(...row.filter(({ p }) => p > 0).map(({ to }) => to));
      if (sumOf(row) < 1 - ROUNDING) enter(states[number]!, `in which a session can end on page "${states[number]!.page}"`);
    }
  };
  for (const { value } of initialUsers) enter(value, "which initial users may have");
  // Without growth nobody signs up, so that a file without a page for new users is none of our business here.
  if (newSessions.has(standingKey(newUser))) enter(newUser, "which new users have");
  return problems;
}
