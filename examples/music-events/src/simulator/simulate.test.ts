import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PopulationGoneError } from "./simulation.js";
import type { SimulatorOptions } from "./simulator-options.js";
import { SimulatorOptionsError } from "./simulator-options.js";
import { simulate } from "./simulate.js";
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
    for (const { ts } of simulate({ seed: 3, users: 10_000, startMs, growthRate: 0 })) {
      const day = Math.floor((ts - startMs) / 86_400_000);
      if (day >= days.length) break;
      days[day]!++;
    }
    // The same day of the week.
    expect(days[0]! / days[7]!).toBeGreaterThan(0.9);
    expect(days[0]! / days[7]!).toBeLessThan(1.1);
  });

  it("refuses options with all problems at once, before the first event", () => {
    const call = () => simulate({ seed: 0.5, users: 0, startMs: NaN, growthRate: -1 }, -1);
    expect(call).toThrow(SimulatorOptionsError);
    expect(call).toThrow(/seed .*; users .*; startMs .*; growthRate .*; fromEvent .*/);
  });

  it("fails when everybody has cancelled and nobody signs up", () => {
    const events = simulate({ seed: 1, users: 1, startMs: 0, growthRate: 0 });
    expect(() => take(2_000_000, events)).toThrow(PopulationGoneError);
  });
});
