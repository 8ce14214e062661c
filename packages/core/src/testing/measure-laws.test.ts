import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { avg } from "../measures/avg.js";
import { countDistinct } from "../measures/count-distinct.js";
import { count } from "../measures/count.js";
import { defineMeasure } from "../measures/define-measure.js";
import { max, min } from "../measures/extremes.js";
import type { Measure } from "../measures/measure.js";
import { quantile } from "../measures/quantile.js";
import { ratio } from "../measures/ratio.js";
import { sum } from "../measures/sum.js";
import type { Refs } from "../expressions/column.js";
import { boolean, decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { failuresOf } from "./failures-of.js";
import { measureLaws } from "./measure-laws.js";

const columns = {
  ts: timestamp("ms"),
  song: text().optional(),
  seconds: decimal(2),
  price: decimal(4, "string").optional(),
  user: int64("bigint").optional(),
  x: float64(),
  paid: boolean(),
};
const plays = defineStream({ topic: "plays", columns, eventTime: "ts" });
const rows = fc.record({
  ts: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
  song: fc.option(fc.constantFrom("", "a", "é", "😀", "Yesterday")),
  seconds: fc.integer({ min: -500, max: 500_000 }).map((n) => n / 100),
  price: fc.option(fc.constantFrom("0", "-1.5", "12.3456", "99999999.9999")),
  user: fc.option(fc.oneof(fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: -(2n ** 57n), max: 2n ** 57n }))),
  x: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  paid: fc.boolean(),
});

/** The longest song and how often it came: a state that is changed in place. */
const longest = defineMeasure({
  name: "longest",
  input: [text().optional(), boolean()],
  zero: () => ({ length: 0, times: 0 }),
  add: (state, song, paid) => {
    const length = paid ? (song?.length ?? 0) : 0;
    if (length > state.length) [state.length, state.times] = [length, 0];
    if (length === state.length && length > 0) state.times++;
    return state;
  },
  merge: (a, b) => {
    if (b.length > a.length) return { ...b };
    if (b.length === a.length) a.times += b.times;
    return a;
  },
  present: ({ length, times }) => (length === 0 ? null : `${length} (${times})`),
  encode: ({ length, times }) => Uint8Array.from(Buffer.from(`${length},${times}`)),
  decode: (bytes) => {
    const [length = 0, times = 0] = Buffer.from(bytes).toString().split(",").map(Number);
    return { length, times };
  },
});

const measures: Record<string, (c: Refs<typeof columns>) => Measure> = {
  count: () => count(),
  "count where": (c) => count().where(c.paid.eq(true)).where(c.song.ne("a")),
  "sum of decimals": (c) => sum(c.seconds),
  "sum of exact decimals": (c) => sum(c.price),
  "sum of bigints": (c) => sum(c.user),
  "sum of doubles": (c) => sum(c.x),
  "min of bigints": (c) => min(c.user),
  "max of instants": (c) => max(c.ts),
  "max of doubles": (c) => max(c.x),
  avg: (c) => avg(c.seconds),
  "countDistinct of texts": (c) => countDistinct(c.song),
  "countDistinct of bigints": (c) => countDistinct(c.user),
  quantile: (c) => quantile(c.seconds, 0.9),
  ratio: (c) => ratio(sum(c.seconds).where(c.paid.eq(true)), countDistinct(c.user)),
  "a custom measure": (c) => longest(c.song, c.paid),
};

describe.each(Object.entries(measures))("%s", (_, measure) => {
  measureLaws(it, { from: plays, measure, rows, runs: 60 });
});

describe("the laws find a measure that breaks them:", () => {
  /** Ids of the laws that fail. */
  const broken = async (measure: (c: Refs<typeof columns>) => Measure, waivers = {}) => {
    const laws: (readonly [string, () => Promise<void>])[] = [];
    measureLaws((name, law) => laws.push([name, law]), { from: plays, measure, rows, runs: 200 }, waivers);
    const failed: string[] = [];
    for (const [name, law] of laws) {
      await law().catch(() => failed.push(/\[(\w+)\]/.exec(name)?.[1] ?? name));
    }
    return failed;
  };
  const of = (parts: Partial<Parameters<typeof defineMeasure>[0]>) => {
    const measure = defineMeasure({
      name: "wrong",
      input: [boolean()],
      zero: () => [0],
      add: (state: number[], paid) => [state[0]! + (paid === true ? 1 : 0)],
      merge: (a: number[], b: number[]) => [a[0]! + b[0]!],
      present: (state: number[]) => state[0],
      encode: (state: number[]) => Uint8Array.from(state),
      decode: (bytes: Uint8Array) => [...bytes],
      ...(parts as object),
    });
    return broken((c) => measure(c.paid));
  };

  it("none of a right one", async () => expect(await of({})).toEqual([]));
  it("the last value", async () => expect(await of({ merge: (_, b) => b })).toEqual(["homomorphism", "commutative", "neutral"]));
  it("the mean of means", async () => expect(await of({ merge: (a, b) => [((a as number[])[0]! + (b as number[])[0]!) >> 1] })).toEqual(["homomorphism", "associative", "neutral"]));
  it("a zero that is not neutral", async () => expect(await of({ zero: () => [1] })).toEqual(["homomorphism", "neutral"]));
  it("an encoding that forgets", async () => expect(await of({ decode: () => [0] })).toEqual(["homomorphism", "neutral", "encoding"]));
  it("the order of events", async () => expect(await of({ add: (state, paid) => [((state as number[])[0]! * 2 + (paid === true ? 1 : 0)) & 255] })).toContain("order"));

  it("and waivers that name no law or are not needed", async () => {
    expect(await broken(() => count(), { nope: "no such law" })).toEqual(["measure: waivers name laws and give reasons"]);
    expect(await broken(() => count(), { order: "not so" })).toEqual(["order"]);
  });

  it("and tells its author the law, both sides with the rows that show it, and what to do", async () => {
    const kept = defineMeasure({
      name: "kept",
      input: [boolean()],
      zero: () => [0, 0],
      add: (state: number[], paid) => [state[0]! + 1, state[1]! + (paid ? 1 : 0)],
      // The second number is only the first argument's: not commutative.
      merge: (a: number[], b: number[]) => [a[0]! + b[0]!, a[1]!],
      present: (state: number[]) => state[1]!,
      encode: (state: number[]) => Uint8Array.from(state),
      decode: (bytes: Uint8Array) => [...bytes],
    });
    const found = await failuresOf((each) => measureLaws(each, { from: plays, measure: (c) => kept(c.paid), rows }));
    expect(Object.keys(found)).toEqual(["homomorphism", "commutative", "neutral"]);
    const lines = found["commutative"]!.split("\n");
    expect(lines[0]).toBe('measure law "commutative" is broken');
    expect(lines[1]).toBe("  the law:    merging is commutative");
    // One row that is paid, on either side.
    expect([
      "  found:      merge(fold(xs), fold(ys)) is [ 1, 0 ] (bytes 0100), but merge(fold(ys), fold(xs)) is [ 1, 1 ] (bytes 0101)",
      "  found:      merge(fold(xs), fold(ys)) is [ 1, 1 ] (bytes 0101), but merge(fold(ys), fold(xs)) is [ 1, 0 ] (bytes 0100)",
    ]).toContain(lines[2]);
    expect(found["commutative"]).toMatch(/Counterexample: \[\{"xs":\[.*"paid":true\}\].*\}\]/);
    expect(found["commutative"]).toMatch(/seed: -?\d+/);
    expect(lines.at(-1)).toBe(
      "  what to do: treat both arguments of merge alike, also where they tie: nobody promises which part of the log is merged first; and encode without the order in which a Map or an array was filled",
    );
  });
});
