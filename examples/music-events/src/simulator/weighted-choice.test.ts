import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { WeightedChoice, zipfWeights } from "./weighted-choice.js";

describe("WeightedChoice", () => {
  it("draws in proportion to the weights, and never what weighs nothing", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }), (seed, weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        fc.pre(total > 0);
        const choice = new WeightedChoice(weights);
        const random = new Random(seed, 1);
        const draws = 20_000;
        const counts = weights.map(() => 0);
        for (let draw = 0; draw < draws; draw++) counts[choice.pick(random)]!++;
        weights.forEach((weight, index) => {
          if (weight === 0) expect(counts[index]).toBe(0);
          // Six standard deviations at most.
          expect(Math.abs(counts[index]! / draws - weight / total)).toBeLessThan(0.022);
        });
      }),
      { numRuns: 30 },
    );
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[1, NaN]], [[1, Infinity]]])("refuses %j", (weights) => {
    expect(() => new WeightedChoice(weights)).toThrow(RangeError);
  });
});

describe("zipfWeights", () => {
  it("gives the first of 10,000 about 0.6 percent", () => {
    const weights = zipfWeights(10_000);
    expect(weights[0]! / weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(0.006, 3);
  });
});
