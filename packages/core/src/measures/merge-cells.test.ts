import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeCell, zeroOf } from "./merge-cells.js";
import { OverflowError } from "./overflow-error.js";

const sum = { name: "seconds", type: "int64", combine: "sum" } as const;

describe("int64 cells", () => {
  it("add exactly, as number while safe and as bigint beyond", () => {
    expect(mergeCell(sum, Number.MAX_SAFE_INTEGER, -1)).toBe(Number.MAX_SAFE_INTEGER - 1);
    expect(mergeCell(sum, Number.MAX_SAFE_INTEGER, 1)).toBe(2n ** 53n);
    expect(mergeCell(sum, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(2n ** 54n - 2n);
    expect(mergeCell(sum, 2n ** 53n, -1)).toBe(Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 62n), 2n ** 62n - 1n), fc.bigInt(-(2n ** 62n), 2n ** 62n - 1n), (a, b) => {
        const outside = (x: bigint) => (x >= -(2n ** 53n - 1n) && x <= 2n ** 53n - 1n ? Number(x) : x);
        expect(mergeCell(sum, outside(a), outside(b))).toBe(outside(a + b));
      }),
    );
  });

  it("refuse a sum beyond int64 and take its last value", () => {
    expect(mergeCell(sum, 2n ** 63n - 2n, 1)).toBe(2n ** 63n - 1n);
    expect(mergeCell(sum, -(2n ** 63n) + 1n, -1)).toBe(-(2n ** 63n));
    expect(() => mergeCell(sum, 2n ** 63n - 1n, 1)).toThrow(new OverflowError("seconds"));
    expect(() => mergeCell(sum, -(2n ** 63n), -1)).toThrow(OverflowError);
  });

  it("find the smallest and largest, of numbers and bigints alike; null is neutral", () => {
    const min = { name: "m", type: "int64", combine: "min" } as const;
    const max = { name: "m", type: "int64", combine: "max" } as const;
    expect(mergeCell(min, 3, 2n ** 60n)).toBe(3);
    expect(mergeCell(max, 3, 2n ** 60n)).toBe(2n ** 60n);
    expect(mergeCell(min, null, 5)).toBe(5);
    expect(mergeCell(max, 5, zeroOf(max))).toBe(5);
    expect(mergeCell(max, null, null)).toBeNull();
  });

  it("refuse a null and bytes where a number is kept", () => {
    expect(() => mergeCell(sum, null, 1)).toThrow('merging cell "seconds": null where a number is kept');
    expect(() => mergeCell(sum, 1, new Uint8Array())).toThrow(TypeError);
  });
});
