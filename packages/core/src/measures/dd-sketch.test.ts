import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DD_RELATIVE_ACCURACY, ddCoordinate, ddValue, quantileOf } from "./dd-sketch.js";
import { emptySketch, encodeSketch } from "./sketch.js";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const close = (estimate: number, exact: number) => Math.abs(estimate - exact) <= DD_RELATIVE_ACCURACY * Math.abs(exact) * (1 + 1e-9);

describe("DDSketch", () => {
  it("stands for doubles whose double is none", () => expect(close(ddValue(ddCoordinate(8.93533108155191e307)), 8.93533108155191e307)).toBe(true));

  it("stands for every double within one per cent", () => {
    fc.assert(fc.property(finite, (x) => Math.abs(x) < 1e-300 || close(ddValue(ddCoordinate(x)), x)));
  });

  it("has coordinates that grow with the value, are never negative and fit 32 bits", () => {
    fc.assert(
      fc.property(finite, finite, (x, y) => {
        const [a, b] = [ddCoordinate(Math.min(x, y)), ddCoordinate(Math.max(x, y))];
        return a >= 0 && a <= b && b < 2 ** 31;
      }),
    );
    const edges = [-Number.MAX_VALUE, -1, -Number.MIN_VALUE, 0, Number.MIN_VALUE, 1, Number.MAX_VALUE].map(ddCoordinate);
    expect(edges).toEqual([...edges].sort((a, b) => a - b));
    expect(new Set(edges).size).toBe(7);
    expect(ddCoordinate(-0)).toBe(ddCoordinate(0));
    expect(ddValue(ddCoordinate(Number.MAX_VALUE))).toBeLessThanOrEqual(Number.MAX_VALUE);
  });

  it("refuses what is not finite", () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) expect(() => ddCoordinate(x)).toThrow(RangeError);
  });

  it("gives each quantile within one per cent of the value of that rank", () => {
    const values = fc.array(fc.integer({ min: -10_000, max: 10_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (xs, q) => {
        const sketch = encodeSketch("sumByKey", xs.map((x) => [ddCoordinate(x), 1] as const));
        const exact = [...xs].sort((a, b) => a - b)[Math.floor(q * (xs.length - 1))]!;
        return close(quantileOf(sketch, q)!, exact);
      }),
    );
  });

  it("has no quantile of nothing", () => {
    expect(quantileOf(emptySketch(), 0.5)).toBeNull();
  });
});
