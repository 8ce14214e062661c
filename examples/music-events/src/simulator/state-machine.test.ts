import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import type { State } from "./state.js";
import { factsOf } from "./state.js";
import { SESSION_END, firstState, firstStateAfter, nextState, stateFacts } from "./state-machine.js";
import { newSession, transitions } from "./transitions.js";

const names = Object.keys(transitions) as State[];
const chanceOfEnd = (name: State) => 1 - Object.values(transitions[name]).reduce((sum, p) => sum + p, 0);

describe("transitions", () => {
  it("has 40 states on 17 pages", () => {
    expect(names).toHaveLength(40);
    expect(new Set(stateFacts.map(({ page }) => page)).size).toBe(17);
  });

  it.each(names)("leaves a chance of at least 0 that the session ends after %s", (name) => {
    expect(chanceOfEnd(name)).toBeGreaterThan(-1e-9);
  });

  it("goes on from every redirect", () => {
    for (const name of names) if (factsOf(name).isRedirect) expect(chanceOfEnd(name)).toBeCloseTo(0, 9);
  });

  it("leads from the first pages of sessions to every state", () => {
    const reached = new Set(Object.values(newSession).flatMap((weights) => Object.keys(weights) as State[]));
    for (const name of reached) for (const target of Object.keys(transitions[name]) as State[]) reached.add(target);
    expect(reached.size).toBe(40);
  });
});

describe("nextState", () => {
  it("draws each target, and the end, as often as the table says", () => {
    const random = new Random(1, 1);
    const from = names.indexOf("Settings|Logged In|free");
    const draws = 200_000;
    const counts = new Map<number, number>();
    for (let draw = 0; draw < draws; draw++) {
      const next = nextState(from, random);
      counts.set(next, (counts.get(next) ?? 0) + 1);
    }
    for (const [name, p] of Object.entries(transitions["Settings|Logged In|free"])) {
      expect((counts.get(names.indexOf(name as State)) ?? 0) / draws).toBeCloseTo(p, 2);
    }
    expect(counts.get(SESSION_END)! / draws).toBeCloseTo(0.222, 2);
  });

  it("never ends a session whose row leaves nothing of 1", () => {
    const random = new Random(2, 1);
    const login = names.indexOf("Login|Logged Out|paid");
    const targets = new Set(Array.from({ length: 100_000 }, () => nextState(login, random)));
    expect(targets).not.toContain(SESSION_END);
  });
});

describe("firstStateAfter", () => {
  it("starts where the session before ended: who logged out is still logged out", () => {
    const random = new Random(3, 1);
    const after = firstStateAfter(names.indexOf("Help|Logged Out|paid"), random)!;
    expect(stateFacts[after]).toMatchObject({ auth: "Logged Out", level: "paid" });
    expect(stateFacts[firstState("Guest|free", random)]!.auth).toBe("Guest");
  });

  it("has none for a user who has cancelled", () => {
    const gone = names.indexOf("Cancellation Confirmation|Cancelled|free");
    expect(firstStateAfter(gone, new Random(4, 1))).toBeUndefined();
  });
});
