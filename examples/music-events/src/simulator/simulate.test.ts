import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SimulatorOptions } from "./simulator-options.js";
import { SimulatorOptionsError } from "./simulator-options.js";
import { loadConfig } from "./config/load-config.js";
import { PopulationGoneError, simulate, simulateUntil } from "./simulate.js";
import { take } from "./testing/take.js";

const options: fc.Arbitrary<SimulatorOptions> = fc.record({
  seed: fc.maxSafeInteger(),
  users: fc.integer({ min: 1, max: 200 }),
  startMs: fc.integer({ min: 0, max: 2 ** 41 }),
  growthRate: fc.constantFrom(0, 1, 50),
});
const runs = { numRuns: 6 };

describe("simulate", () => {
  it("gives the same sequence for the same options", () => {
    fc.assert(
      fc.property(options, (given) => {
        expect(take(500, simulate(given))).toEqual(take(500, simulate(given)));
      }),
      runs,
    );
  });

  it("gives another sequence for another seed", () => {
    const startMs = Date.UTC(2026, 0, 1);
    expect(take(50, simulate({ seed: 1, startMs }))).not.toEqual(take(50, simulate({ seed: 2, startMs })));
    expect(take(50, simulate({ seed: 1, startMs }))).not.toEqual(take(50, simulate({ seed: 1 + 2 ** 32, startMs })));
  });

  it("continues from any event as if it had never stopped, also between the records of one action", () => {
    fc.assert(
      fc.property(options, fc.nat(400), (given, taken) => {
        expect(take(100, simulate(given, taken))).toEqual(take(taken + 100, simulate(given)).slice(taken));
      }),
      runs,
    );
  });

  it("is not disturbed by another simulation that runs at the same time", () => {
    const startMs = Date.UTC(2026, 0, 1);
    const alone = take(200, simulate({ seed: 1, startMs }));
    const events = simulate({ seed: 1, startMs });
    const other = simulate({ seed: 2, startMs });
    const together = alone.map(() => {
      other.next();
      return events.next().value;
    });
    expect(together).toEqual(alone);
  });

  it("never steps back in time, starts after the start and keeps its milliseconds", () => {
    fc.assert(
      fc.property(options, (given) => {
        let before = given.startMs + 1;
        for (const { ts } of take(2_000, simulate(given))) {
          if (ts < before) expect(ts).toBeGreaterThanOrEqual(before);
          if ((ts - given.startMs) % 1_000 !== 0) expect(ts).toBe("whole seconds after the start");
          before = ts;
        }
      }),
      runs,
    );
  });

  it("begins without a gap: the first day of a population is as busy as a later one", () => {
    const startMs = Date.UTC(2026, 0, 6);
    const days = [0, 0, 0, 0, 0, 0, 0, 0];
    for (const seed of [1, 3, 4]) {
      for (const { ts } of simulateUntil({ seed, users: 5_000, startMs, holidays: false }, startMs + days.length * 86_400_000)) {
        days[Math.floor((ts - startMs) / 86_400_000)]!++;
      }
    }
    // The same day of the week; a little more a week later, because there are more who pay.
    expect(days[0]! / days[7]!).toBeGreaterThan(0.85);
    expect(days[0]! / days[7]!).toBeLessThan(1.05);
  });

  it("refuses options with all problems at once, before the first event", () => {
    const call = () => simulate({ seed: 0.5, users: 0, startMs: NaN, growthRate: -1, attritionRate: -1, firstUserId: -1 }, -1);
    expect(call).toThrow(SimulatorOptionsError);
    expect(call).toThrow(/seed .*; users .*; startMs .*; growthRate .*; attritionRate .*; firstUserId .*; fromEvent .*/);
    const noGuests = { ...loadConfig("example"), newUser: { auth: "Guest", level: "Free" } };
    expect(() => simulate({ config: noGuests, seed: 1, startMs: 0, growthRate: 1 })).toThrow(/growthRate .* auth "Guest" and level "Free"/);
    expect(() => simulateUntil({ seed: 1, startMs: 0 }, NaN)).toThrow(SimulatorOptionsError);
  });

  it("gives, until a time, the events before it and no other", () => {
    fc.assert(
      fc.property(options, fc.integer({ min: -1_000, max: 3 * 86_400_000 }), (given, forMs) => {
        const untilMs = given.startMs + forMs;
        const bounded = [...simulateUntil(given, untilMs)];
        const endless = simulate(given);
        expect(take(bounded.length, endless)).toEqual(bounded);
        expect(endless.next().value.ts).toBeGreaterThanOrEqual(untilMs);
      }),
      runs,
    );
  });

  it("lets users leave at the rate of attrition, beside those who cancel", () => {
    const startMs = Date.UTC(2026, 0, 1);
    const active = (attritionRate: number): number => {
      const users = new Set<number>();
      const untilMs = startMs + 180 * 86_400_000;
      for (const { ts, userId } of simulateUntil({ seed: 4, users: 200, startMs, attritionRate }, untilMs)) if (ts > untilMs - 60 * 86_400_000) users.add(userId);
      return users.size;
    };
    // Of 200 users, exp(-4 x 150 / 365) = 19 % are left after 150 days of rate 4.
    const share = active(4) / active(0);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.32);
  });

  it("numbers users from the one after the first id, and puts a tag on records that say who it was", () => {
    const events = take(2_000, simulate({ seed: 1, users: 50, startMs: 0, firstUserId: 1_000, tag: "a \"b\"" }));
    expect(Math.min(...events.map(({ userId }) => userId))).toBe(1_001);
    for (const { value, userId } of events) {
      const record = JSON.parse(value) as Record<string, unknown>;
      expect([record["userId"], record["tag"]]).toEqual("lastName" in record ? [userId, 'a "b"'] : [undefined, undefined]);
    }
  });

  it("never names a registration after the record", () => {
    let newcomers = 0;
    for (const { value } of take(20_000, simulate({ seed: 6, users: 300, startMs: Date.UTC(2026, 0, 1), growthRate: 50 }))) {
      const { ts, registration } = JSON.parse(value) as { readonly ts: number; readonly registration?: number };
      if (registration === undefined) continue;
      if (registration > ts) expect(registration).toBeLessThanOrEqual(ts);
      if (registration > Date.UTC(2026, 0, 1)) newcomers++;
    }
    expect(newcomers).toBeGreaterThan(1_000);
  });

  it("fails when everybody has cancelled and nobody signs up", () => {
    const events = simulate({ seed: 1, users: 1, startMs: 0, growthRate: 0 });
    const before: unknown[] = [];
    expect(() => {
      for (;;) before.push(events.next().value);
    }).toThrow(PopulationGoneError);
    // Until a time, that is no failure: there is nothing more.
    expect([...simulateUntil({ seed: 1, users: 1, startMs: 0, growthRate: 0 }, Infinity)]).toEqual(before);
  });
});
