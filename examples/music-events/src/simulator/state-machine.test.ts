import { describe, expect, it } from "vitest";
import { loadConfig } from "./config/load-config.js";
import { Random } from "./random.js";
import { SESSION_END, StateMachine } from "./state-machine.js";

const config = loadConfig("example");
const machine = new StateMachine(config);
const number = (page: string, auth: string, level: string): number => {
  const found = machine.facts.findIndex((facts) => facts.page === page && facts.auth === auth && facts.level === level);
  if (found < 0) throw new Error(`no state "${page}" of "${auth}" and "${level}"`);
  return found;
};

describe("next", () => {
  it("draws each target, and the end, as often as the configuration says", () => {
    const random = new Random(1, 1);
    const from = number("Settings", "Logged In", "free");
    const draws = 200_000;
    const counts = new Map<number, number>();
    for (let draw = 0; draw < draws; draw++) {
      const next = machine.next(from, random);
      counts.set(next, (counts.get(next) ?? 0) + 1);
    }
    for (const { to, p } of config.transitions[from]!) expect((counts.get(to) ?? 0) / draws).toBeCloseTo(p, 2);
    expect(counts.get(SESSION_END)! / draws).toBeCloseTo(0.222, 2);
  });

  it("never ends a session whose row leaves nothing of 1", () => {
    const random = new Random(2, 1);
    const login = number("Login", "Logged Out", "paid");
    const targets = new Set(Array.from({ length: 100_000 }, () => machine.next(login, random)));
    expect(targets).not.toContain(SESSION_END);
  });
});

describe("firstAfter", () => {
  it("starts where the session before ended: who logged out is still logged out", () => {
    const random = new Random(3, 1);
    const after = machine.firstAfter(number("Help", "Logged Out", "paid"), random)!;
    expect(machine.facts[after]).toMatchObject({ auth: "Logged Out", level: "paid" });
    expect(machine.facts[machine.startIn({ auth: "Guest", level: "free" })!.pick(random)]!.auth).toBe("Guest");
    expect(machine.startIn({ auth: "Guest", level: "paid" })).toBeUndefined();
  });

  it("has none for a user who has cancelled", () => {
    expect(machine.firstAfter(number("Cancellation Confirmation", "Cancelled", "free"), new Random(4, 1))).toBeUndefined();
  });
});

it("knows what a page is by its name and its status", () => {
  expect(machine.facts[number("Login", "Logged Out", "free")]).toMatchObject({ isRedirect: true, isLogin: true, showsUser: false, isLoggedIn: false });
  expect(machine.facts[number("NextSong", "Logged In", "paid")]).toMatchObject({ isRedirect: false, isSong: true, showsUser: true, isLoggedIn: true });
  expect(machine.facts[number("Submit Upgrade", "Logged In", "free")]).toMatchObject({ isRedirect: true, changesLevel: true });
  expect(machine.facts[number("Cancellation Confirmation", "Cancelled", "free")]).toMatchObject({ showsUser: true, isLoggedIn: false });
});
