import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";

const draws = 100_000;
const meanOf = (draw: () => number) =>
  Array.from({ length: draws }, draw).reduce((sum, value) => sum + value, 0) / draws;

describe("Random", () => {
  it("repeats for a seed and purpose, and differs for another of either", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (seed, other) => {
        fc.pre(seed !== other);
        const first = (random: Random) => Array.from({ length: 8 }, () => random.uniform());
        expect(first(new Random(seed, 1))).toEqual(first(new Random(seed, 1)));
        expect(first(new Random(seed, 1))).not.toEqual(first(new Random(seed, 2)));
        expect(first(new Random(seed, 1))).not.toEqual(first(new Random(other, 1)));
      }),
    );
  });

  it("stays within [0, 1) and below its limit", () => {
    const random = new Random(5, 1);
    for (let draw = 0; draw < draws; draw++) {
      const value = random.uniform();
      if (!(value >= 0 && value < 1)) expect(value).toBe("in [0, 1)");
    }
    expect(new Set(Array.from({ length: 1_000 }, () => random.below(4)))).toEqual(new Set([0, 1, 2, 3]));
  });

  it("has the means it promises", () => {
    const random = new Random(6, 1);
    expect(meanOf(() => random.uniform())).toBeCloseTo(0.5, 2);
    expect(meanOf(() => random.normal())).toBeCloseTo(0, 1);
    expect(meanOf(() => random.exponential(90)) / 90).toBeCloseTo(1, 1);
    expect(meanOf(() => random.logNormal(240, 0.4)) / 240).toBeCloseTo(1, 1);
  });
});
