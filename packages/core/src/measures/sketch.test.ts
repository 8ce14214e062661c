import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CorruptSketchError } from "./corrupt-sketch-error.js";
import { DENSE_ABOVE, decodeSketch, emptySketch, encodeSketch, mergeSketch, sketchEntries } from "./sketch.js";
import type { SketchCombine } from "./sketch.js";

const ranks = fc.array(fc.tuple(fc.nat(4095), fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.integer({ min: 13, max: 53 }))), { maxLength: 40 });
const counts = fc.array(fc.tuple(fc.nat(200_000), fc.oneof(fc.nat(300), fc.nat(2 ** 40))), { maxLength: 40 });
/** Every register from a seed, so that the dense form is common. */
const manyRanks = fc.tuple(fc.nat(), fc.integer({ min: 900, max: 4096 }), fc.integer({ min: 1, max: 40 })).map(([seed, n, top]) =>
  Array.from({ length: n }, (_, i) => {
    const x = Math.imul(seed + i, 0x9e3779b1) >>> 0;
    return [i, 1 + (x % top)] as [number, number];
  }),
);
const cases: [SketchCombine, fc.Arbitrary<[number, number][]>][] = [
  ["maxByKey", fc.oneof({ weight: 3, arbitrary: ranks }, manyRanks)],
  ["sumByKey", counts],
];

/** Equal bytes; compares thousands of them without the cost of a readable difference. */
const same = (a: Uint8Array, b: Uint8Array) => expect(Buffer.compare(a, b)).toBe(0);

/** The map that a sketch stands for, by its definition. */
function naive(combine: SketchCombine, entries: readonly (readonly [number, number])[]): [number, number][] {
  const map = new Map<number, number>();
  for (const [key, value] of entries) if (value > 0) map.set(key, combine === "sumByKey" ? (map.get(key) ?? 0) + value : Math.max(map.get(key) ?? 0, value));
  return [...map].sort(([a], [b]) => a - b);
}

describe.each(cases)("a %s sketch", (combine, arbitrary) => {
  it("decodes to the map that was encoded, by growing key", () => {
    fc.assert(
      fc.property(arbitrary, (entries) => {
        expect(JSON.stringify(sketchEntries(encodeSketch(combine, entries)))).toBe(JSON.stringify(naive(combine, entries)));
      }),
    );
  });

  it("has the same bytes whatever order and grouping made it", () => {
    fc.assert(
      fc.property(arbitrary, arbitrary, (xs, ys) => {
        const whole = encodeSketch(combine, [...xs, ...ys]);
        const [a, b] = [encodeSketch(combine, xs), encodeSketch(combine, ys)];
        same(mergeSketch(combine, a, b), whole);
        same(mergeSketch(combine, b, a), whole);
      }),
    );
  });

  it("merges associatively, with the empty sketch neutral, and changes neither argument", () => {
    fc.assert(
      fc.property(arbitrary, arbitrary, arbitrary, (xs, ys, zs) => {
        const [a, b, c] = [xs, ys, zs].map((entries) => encodeSketch(combine, entries)) as [Uint8Array, Uint8Array, Uint8Array];
        const before = [a.slice(), b.slice()];
        same(mergeSketch(combine, mergeSketch(combine, a, b), c), mergeSketch(combine, a, mergeSketch(combine, b, c)));
        same(mergeSketch(combine, a, emptySketch()), a);
        same(mergeSketch(combine, emptySketch(), a), a);
        same(a, before[0]!);
        same(b, before[1]!);
      }),
    );
  });
});

describe("the bytes of a sketch", () => {
  it("are sparse up to the threshold and dense above it", () => {
    const registers = (n: number) => Array.from({ length: n }, (_, i) => [i, 1] as const);
    expect(encodeSketch("maxByKey", registers(DENSE_ABOVE))[0]).toBe(0x10);
    const dense = encodeSketch("maxByKey", registers(DENSE_ABOVE + 1));
    expect([...dense.slice(0, 4)]).toEqual([3, 12, 0, 0x11]);
    expect(dense.length).toBe(3 + 2048 + 2);
    expect(encodeSketch("sumByKey", registers(4096))[0]).toBe(0x10);
  });

  it("are those stated, by example", () => {
    expect([...encodeSketch("sumByKey", [[300, 1], [2, 128], [2, 1], [9, 0]])]).toEqual([0x10, 2, 0x81, 0x01, 0xaa, 0x02, 1]);
    expect([...emptySketch()]).toEqual([0x10]);
  });

  it("are dense as airlift's: baseline, nibbles with the even register high, overflows in register order", () => {
    const bytes = encodeSketch("maxByKey", Array.from({ length: 4096 }, (_, i) => [i, i === 5 ? 20 : i === 4000 ? 53 : i === 7 ? 17 : 2] as const));
    expect([...bytes.slice(0, 7)]).toEqual([3, 12, 2, 0x00, 0x00, 0x0f, 0x0f]);
    expect([...bytes.slice(3 + 2048)]).toEqual([2, 0, 5, 0, 4000 & 255, 4000 >> 8, 3, 36]);
  });

  it("take counts from engines as bigint", () => {
    expect(decodeSketch(encodeSketch("sumByKey", [[1, 5n]])).get(1)).toBe(5);
  });

  it("refuse what is no sketch", () => {
    const dense = encodeSketch("maxByKey", Array.from({ length: 2000 }, (_, i) => [i, 3] as const));
    for (const bytes of [[], [7], [0x10, 1], [0x10, 1, 0], [0x10, 1, 1, 0, 1], [0x10, 0x80], [0x10, 0x80, 0x00, 1], [...dense.slice(0, -1)], [...dense, 0]]) {
      expect(() => decodeSketch(Uint8Array.from(bytes))).toThrow(CorruptSketchError);
    }
    expect(() => mergeSketch("sumByKey", dense, encodeSketch("sumByKey", [[1, 1]]))).toThrow(CorruptSketchError);
  });

  it("refuse values that they cannot hold", () => {
    for (const entry of [[4096, 1], [1, 54], [-1, 1], [1.5, 1], [1, -1], [1, 2 ** 53]] as const) expect(() => encodeSketch("maxByKey", [entry])).toThrow(RangeError);
    const most = encodeSketch("sumByKey", [[1, Number.MAX_SAFE_INTEGER]]);
    expect(() => mergeSketch("sumByKey", most, encodeSketch("sumByKey", [[1, 1]]))).toThrow(RangeError);
  });
});
