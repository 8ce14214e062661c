import { describe, expect, it } from "vitest";
import { standingKey } from "../state.js";
import { ConfigError } from "./config-error.js";
import { loadConfig } from "./load-config.js";
import { readConfig } from "./read-config.js";

const view = (page: string, auth: string, more: object = {}) => ({ page, method: "GET", status: 200, auth, level: "free", ...more });
const home = view("Home", "Logged In");
const song = view("NextSong", "Logged In", { method: "PUT" });
/** The least that can be simulated. */
const small = {
  levels: [{ level: "free", weight: 1 }],
  auths: [{ auth: "Logged In", weight: 1 }],
  "show-user-details": [{ auth: "Logged In", show: true }],
  "new-session": [{ ...home, weight: 1 }],
  transitions: [
    { source: home, dest: song, p: 0.5 },
    { source: song, dest: home, p: 0.25 },
  ],
};

function problemsOf(file: unknown): readonly string[] {
  try {
    readConfig(typeof file === "string" ? file : JSON.stringify(file), "test.json");
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("the configurations of the example", () => {
  it.each(["example", "alt"])("%s has 40 states on 17 pages, and every redirect leads on", (name) => {
    const { states, transitions, newUser, newSessions, initialUsers, users, growthRate } = loadConfig(name);
    expect(states).toHaveLength(40);
    expect(new Set(states.map(({ page }) => page)).size).toBe(17);
    states.forEach(({ status }, state) => {
      if (status === 307) expect(transitions[state]!.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 9);
    });
    expect(newSessions.has(standingKey(newUser))).toBe(true);
    expect(initialUsers.map(({ value, weight }) => [value.auth, value.level, weight])).toEqual([
      ["Logged In", "free", 100],
      ["Logged In", "paid", 20],
      ["Logged Out", "free", 10],
      ["Logged Out", "paid", 2],
    ]);
    expect([users, growthRate]).toEqual([undefined, undefined]);
  });

  it("differ in how often users come and whether logins fail", () => {
    const failing = (name: string) => {
      const { states, transitions } = loadConfig(name);
      const login = states.findIndex(({ page, level }) => page === "Login" && level === "free");
      return transitions[login]!.filter(({ to }) => states[to]!.page === "Home" && states[to]!.auth === "Logged Out").map(({ p }) => p);
    };
    expect([failing("example"), failing("alt")]).toEqual([[0.099], []]);
    const { eventGapSec, sessionGapSec, dailyDamping, weekendDamping, weekendOffsetSec, weekendRampSec, leastSessionGapSec, churnedAuth, seed } = loadConfig("alt");
    expect({ eventGapSec, sessionGapSec, dailyDamping, weekendDamping, weekendOffsetSec, weekendRampSec, leastSessionGapSec, churnedAuth, seed }).toEqual({
      eventGapSec: 85,
      sessionGapSec: 518_400,
      dailyDamping: 0.09425,
      weekendDamping: 0.53,
      weekendOffsetSec: 10_800,
      weekendRampSec: 21_600,
      leastSessionGapSec: 1_800,
      churnedAuth: "Cancelled",
      seed: 2,
    });
  });
});

describe("readConfig", () => {
  it("has eventsim's defaults, with the level and the ramp that were meant", () => {
    expect(readConfig(JSON.stringify(small), "small")).toMatchObject({
      source: "small",
      seed: 0,
      eventGapSec: 60,
      sessionGapSec: 259_200,
      dailyDamping: 0.0625,
      weekendDamping: 0.5,
      weekendOffsetSec: 21_600,
      weekendRampSec: 21_600,
      leastSessionGapSec: 1_800,
      churnedAuth: undefined,
      newUser: { auth: "Guest", level: "free" },
      shownAuths: new Set(["Logged In"]),
      startMs: undefined,
      users: undefined,
      tag: undefined,
    });
  });

  it("reads what a file may say in place of the command line", () => {
    const file = { ...small, "start-date": "2015-06-25T00:00:00", "end-date": "2015-06-30T12:30:00Z", "n-users": 7, "first-user-id": 100, "growth-rate": 0.3, tag: "control", upgrades: [], downgrades: [] };
    expect(readConfig(JSON.stringify(file), "more")).toMatchObject({
      startMs: Date.UTC(2015, 5, 25),
      endMs: Date.UTC(2015, 5, 30, 12, 30),
      users: 7,
      firstUserId: 100,
      growthRate: 0.3,
      tag: "control",
    });
  });

  it("tells all mistakes at once, each with its path", () => {
    const file = {
      ...small,
      alpha: 0,
      damping: "much",
      "weekend-damping": 1.5,
      "session-gap": 1.5,
      "start-date": "yesterday",
      "churned-state": 3,
      levels: [{ level: "free", weight: 0 }],
      auths: [{ auth: "Logged In", weight: -1 }],
      "show-user-details": [{ auth: "Guest", show: "no" }],
      "new-session": [{ ...home, weight: 1 }, { ...view("Nowhere", "Guest"), weight: 1 }],
      transitions: [
        { source: home, dest: song, p: 0.5 },
        { source: home, dest: home, p: 0.6 },
        { source: home, dest: song, p: 0.1 },
        { source: { ...home, status: "200" }, dest: 7 },
      ],
      alhpa: 90,
    };
    expect(problemsOf(file)).toEqual([
      'transitions[1].p: makes the chances of this source add up to 1.1, more than 1',
      'transitions[2].dest: is the same as of an earlier entry with this source',
      'transitions[3].source.status: must be a whole number of at least 100 and of at most 599, but is "200"',
      "transitions[3].dest: must be an object, but is 7",
      "transitions[3].dest.page: must be a text, but is missing",
      "transitions[3].dest.auth: must be a text, but is missing",
      "transitions[3].dest.level: must be a text, but is missing",
      "transitions[3].dest.method: must be a text, but is missing",
      "transitions[3].dest.status: must be a whole number of at least 100 and of at most 599, but is missing",
      "transitions[3].p: must be a number of at least 0 and of at most 1, but is missing",
      "alpha: must be a number above 0, but is 0",
      'session-gap: must be a whole number of at least 1, but is 1.5',
      'damping: must be a number of at least 0 and of at most 1, but is "much"',
      "weekend-damping: must be a number of at least 0 and of at most 1, but is 1.5",
      "churned-state: must be a text, but is 3",
      "auths[0].weight: must be a number of at least 0, but is -1",
      "auths: must have an entry with a weight above 0",
      "levels: must have an entry with a weight above 0",
      'show-user-details[0].show: must be true or false, but is "no"',
      'new-session[1].page: "Nowhere" with this auth, level, method and status is in no transition',
      "start-date: must be a date and time such as 2025-01-06T00:00:00",
      "alhpa: is not a key of this format",
    ]);
  });

  it("names the lists that are missing", () => {
    expect(problemsOf({})).toEqual([
      "transitions: must be a list, but is missing",
      "auths: must be a list, but is missing",
      "levels: must be a list, but is missing",
      "show-user-details: must be a list, but is missing",
      "new-session: must be a list, but is missing",
    ]);
  });

  it("refuses a site on which a session can end and the next one cannot begin", () => {
    const out = view("Home", "Logged Out");
    const file = { ...small, transitions: [...small.transitions, { source: home, dest: out, p: 0.1 }] };
    expect(problemsOf(file)).toEqual(['new-session: has no page for auth "Logged Out" and level "free", in which a session can end on page "Home"']);
    expect(problemsOf({ ...file, "churned-state": "Logged Out" })).toEqual([]);
    expect(problemsOf({ ...small, levels: [{ level: "free", weight: 1 }, { level: "paid", weight: 1 }] })).toEqual([
      'new-session: has no page for auth "Logged In" and level "paid", which initial users may have',
    ]);
  });

  it("refuses what is no JSON, no object or no file", () => {
    expect(problemsOf("{")[0]).toMatch(/^\$: is not JSON: /);
    expect(problemsOf("[]")[0]).toBe("$: must be an object, but is a list");
    expect(() => loadConfig("nowhere.json")).toThrow('reading configuration "nowhere.json":\n  $: there is no such file, and the names are example and alt');
  });
});
