import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ColumnBatch } from "../events/event-batch.js";
import { createEventDecoder } from "../events/event-decoder.js";
import { rawBatchOf } from "../log/raw-batch-of.js";
import { sliceRawBatch, type RawBatch } from "../log/raw-batch.js";
import { avg } from "../measures/avg.js";
import type { CellValue } from "../measures/cell.js";
import { countDistinct } from "../measures/count-distinct.js";
import { count } from "../measures/count.js";
import { defineMeasure } from "../measures/define-measure.js";
import { defineSqlMeasure } from "../measures/define-sql-measure.js";
import { max, min } from "../measures/extremes.js";
import { OverflowError } from "../measures/overflow-error.js";
import { quantile } from "../measures/quantile.js";
import { ratio } from "../measures/ratio.js";
import { sum } from "../measures/sum.js";
import { sql } from "../models/sql.js";
import { boolean, decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { planStreams } from "../streams/stream-plan.js";
import { foldCells, insideRow, passes, type PresentedRow } from "../testing/fold-cells.js";
import { defineView } from "../views/define-view.js";
import { PartialMerger } from "../views/merge-partials.js";
import type { PartialBatch } from "../views/partial-batch.js";
import { EVERY_MS, type ViewDefinition } from "../views/view-definition.js";
import { ViewFold, type VersionedPartials } from "./view-fold.js";

const NOW = Date.UTC(2024, 1, 29, 12);
const PARTITION = { topic: "plays", logVersion: 1_024, partition: 0 };

const plays = defineStream({
  topic: "plays",
  columns: {
    ts: timestamp("ms"),
    song: text().optional(),
    artist: text(),
    n: int64().optional(),
    big: int64("bigint").optional(),
    price: decimal(2).optional(),
    exact: decimal(3, "string").optional(),
    x: float64().optional(),
    flag: boolean().optional(),
    seen: timestamp("s").optional(),
  },
  eventTime: "ts",
});

const lengths = defineMeasure({
  name: "lengths",
  input: [text().optional(), timestamp("s").optional()],
  zero: () => [0, 0],
  add: (state, song, seen) => {
    state[0]! += song?.length ?? 1;
    state[1] = Math.max(state[1]!, seen?.getTime() ?? 0);
    return state;
  },
  merge: (a, b) => [a[0]! + b[0]!, Math.max(a[1]!, b[1]!)],
  present: (state) => state[0]!,
  encode: (state) => Buffer.from(JSON.stringify(state)),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as number[],
});

/** Cells that a function computes, of every way to combine and every kind of input. */
const computed = defineSqlMeasure({
  name: "computed",
  input: [int64("bigint"), decimal(3, "string"), text(), boolean(), timestamp("s")],
  cells: {
    n: { combine: "sum", of: () => 1, sql: () => sql`1` },
    products: { combine: "sum", of: (big, exact) => (big % 1000n) * (exact % 1000n), sql: (big, exact) => sql`(${big} % 1000) * (${exact} % 1000)` },
    first: { combine: "min", of: (_, __, song, flag, seen) => (flag && song !== "one" ? seen : null), sql: (_, __, song, flag, seen) => sql`CASE WHEN ${flag} AND ${song} <> ${"one"} THEN ${seen} END` },
    largest: { combine: "max", of: (big) => big, sql: (big) => sql`${big}` },
  },
  present: ({ n, products, first, largest }, scales) => ({ n, products, first, largest, scales }),
});

const views = [
  defineView({
    name: "totals",
    from: plays,
    by: [],
    every: "minute",
    measures: (c) => ({
      events: count(),
      flagged: count().where(c.flag.eq(true)),
      n: sum(c.n),
      big: sum(c.big),
      x: sum(c.x),
      lowest: min(c.n),
      highest: max(c.big),
      lowest_exact: min(c.exact),
      last: max(c.seen),
      mean: avg(c.price).where(c.n.ge(0)),
      songs: countDistinct(c.song),
      prices: quantile(c.price, 0.5),
      part: ratio(count().where(c.flag.eq(true)), count()),
      computed: computed(c.big, c.exact, c.song, c.flag, c.seen).where(c.artist.ne("c")),
      lengths: lengths(c.song, c.seen).where(c.song.isNotNull().or(c.n.isNull())),
    }),
  }),
  defineView({ name: "by_song", from: plays, where: (c) => c.song.isNotNull(), by: ["song"], every: "second", measures: (c) => ({ events: count(), ids: countDistinct(c.n), big: sum(c.big) }) }),
  defineView({ name: "by_two", from: plays, by: ["song", "artist"], every: "hour", measures: (c) => ({ events: count(), price: sum(c.price), exact: sum(c.exact), distinct: countDistinct(c.exact), quantile: quantile(c.x, 0.9) }) }),
  defineView({ name: "by_numbers", from: plays, where: (c) => c.artist.ne("b").and(c.n.lt(50).or(c.n.isNull())), by: ["n", "big", "flag", "seen"], every: "minute", measures: (c) => ({ x: max(c.x), songs: countDistinct(c.song).where(c.flag.eq(false)) }) }),
  defineView({ name: "by_decimals", from: plays, by: ["price", "exact", "ts"], every: "minute", measures: () => ({ events: count() }) }),
].map(({ definition }) => definition);

const [plan] = planStreams(views);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 4 });
const event = fc.record({
  ts: fc.integer({ min: NOW - 200_000, max: NOW }),
  song: optional(fc.constantFrom("", "one", "two", "dré", "\u{1f600}", "a text of more than sixteen bytes")),
  artist: fc.constantFrom("a", "b", "c"),
  n: optional(fc.oneof(fc.integer({ min: -3, max: 100 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER))),
  big: optional(fc.oneof(fc.bigInt({ min: -2n, max: 3n }), fc.constantFrom(2n ** 31n, -(2n ** 32n) - 1n, 2n ** 53n, -(2n ** 56n), 2n ** 57n))),
  price: optional(fc.integer({ min: -200, max: 200 }).map((cents) => cents / 100)),
  exact: optional(fc.constantFrom("0.001", "-12.5", "9007199254740.993", "4")),
  // Sums of these are exact, so that they do not depend on the order.
  x: optional(fc.integer({ min: -100, max: 100 }).map((n) => n / 4)),
  flag: optional(fc.boolean()),
  seen: optional(fc.integer({ min: 1_700_000_000, max: 1_700_000_003 })),
});
type Event = Omit<typeof event extends fc.Arbitrary<infer T> ? T : never, "artist" | "song"> & { readonly artist: string; readonly song: string | null };

/** With gaps between offsets. */
function rawOf(events: readonly Event[], first = 1_000): RawBatch {
  // Exact numbers are written as numbers: what JSON.stringify cannot do.
  const json = (value: unknown): string => (typeof value === "bigint" ? String(value) : JSON.stringify(value));
  return rawBatchOf(
    PARTITION,
    events.map((fields, i) => ({
      offset: first + i * 3,
      appendedAt: NOW - 100_000,
      value: Buffer.from(`{${Object.entries(fields).map(([name, value]) => `"${name}":${name === "exact" ? String(value) : json(value)}`).join(",")}}`),
    })),
    { position: first + events.length * 3 },
  );
}

/** Cuts `[0, length)` at the given places. */
function cutAt(length: number, places: readonly number[]): [number, number][] {
  const cuts = [0, ...places.map((place) => place % (length + 1)).sort((a, b) => a - b), length];
  return cuts.slice(1).map((until, i) => [cuts[i]!, until]);
}

function rowsOf(batch: ColumnBatch): PresentedRow[] {
  return [...batch.rows] as PresentedRow[];
}

type Rows = Map<string, { readonly cells: readonly CellValue[]; readonly version?: number }>;

const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : `${value}n`;
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
};
const keyOf = (window: number, dimensions: readonly unknown[]) => JSON.stringify([window, ...dimensions].map(plain));

/** The plain fold: a `Map` of lists of rows. */
function naive(view: ViewDefinition, rows: readonly PresentedRow[], offsets: ArrayLike<number>, everyMs = EVERY_MS[view.every]): Rows {
  const groups = new Map<string, { rows: PresentedRow[]; version: number }>();
  rows.forEach((row, i) => {
    const inside = insideRow(view.from, row);
    if (!passes(view.where, inside)) return;
    const key = keyOf(Math.floor(Number(inside["ts"]) / everyMs) * everyMs, view.by.map((column) => inside[column]));
    const group = groups.get(key) ?? { rows: [], version: 0 };
    groups.set(key, group);
    group.rows.push(row);
    group.version = offsets[i]! + 1;
  });
  return new Map([...groups].map(([key, group]) => [key, { cells: foldCells(view.from, view.cells, group.rows).map(plain) as CellValue[], version: group.version }]));
}

function asRows(partials: PartialBatch & { readonly versions?: Float64Array }, into: Rows = new Map()): Rows {
  for (let i = 0; i < partials.length; i++) {
    into.set(keyOf(partials.windows[i]!, partials.dimensions.map((values) => values[i])), {
      cells: partials.cells.map((values) => plain(values[i]) as CellValue),
      ...(partials.versions === undefined ? {} : { version: partials.versions[i]! }),
    });
  }
  return into;
}

describe.each(views.map((view) => [view.name, view] as const))("folding %s", (_, view) => {
  it("equals a plain fold, in any batches, dictionaries, parts of batches, and flushes between them", () => {
    // One fold for all runs: what `clear` leaves behind must not show.
    const fold = new ViewFold(view);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.array(fc.nat(), { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 2 }), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.nat(6), (events, batchCuts, partCuts, flushes, dictionary) => {
        const raw = rawOf(events);
        const whole = createEventDecoder(plan!).decode(raw);
        const rows = rowsOf(whole);
        const expected = naive(view, rows, whole.offsets);
        const decoder = createEventDecoder(plan!, { maxDictionaryEntries: dictionary });
        fold.clear();
        const flushed: Rows = new Map();
        cutAt(raw.length, batchCuts).forEach(([from, until], i) => {
          const batch = decoder.decode(sliceRawBatch(raw, from, until));
          for (const [start, end] of cutAt(batch.length, partCuts)) fold.add(batch, start, end);
          if (flushes[i] === true) asRows(fold.changed(), flushed);
        });
        asRows(fold.changed(), flushed);
        expect(flushed).toEqual(expected);
        expect(asRows(fold.all())).toEqual(expected);
        expect(fold.changed().length).toBe(0);
        const passed = rows.filter((row) => passes(view.where, insideRow(view.from, row)));
        const windows = [...expected.keys()].map((key) => (JSON.parse(key) as number[])[0]!);
        expect({ size: fold.size, events: fold.events, filtered: fold.filtered, late: fold.late, minWindow: fold.minWindow, maxWindow: fold.maxWindow }).toEqual({
          size: expected.size,
          events: passed.length,
          filtered: rows.length - passed.length,
          late: passed.filter(({ ts }) => (ts as Date).getTime() < NOW - 160_000).length,
          minWindow: windows.length === 0 ? null : Math.min(...windows),
          maxWindow: windows.length === 0 ? null : Math.max(...windows),
        });
      }),
      { numRuns: 100 },
    );
  });

  it("is a homomorphism: the fold of two runs of events is the merge of their folds, in either order", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.array(event, { maxLength: 30 }), (xs, ys) => {
        const decoder = createEventDecoder(plan!);
        const folded = (...parts: (readonly Event[])[]) => {
          const fold = new ViewFold(view);
          for (const part of parts) fold.add(decoder.decode(rawOf(part)));
          return fold.all();
        };
        const merged = (...parts: PartialBatch[]) => {
          const merger = new PartialMerger(view.cells);
          for (const part of parts) merger.add(part);
          return asRows(merger.result());
        };
        const { versions: _versions, ...both } = folded(xs, ys);
        expect(merged(folded(xs), folded(ys))).toEqual(asRows(both));
        expect(merged(folded(ys), folded(xs))).toEqual(asRows(both));
      }),
      { numRuns: 50 },
    );
  });
});

describe("a fold", () => {
  it.each(views.map((view) => [view.name, view] as const))("of %s takes only the marked rows, into windows of any length", (_, view) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(2)), { maxLength: 30 }), fc.constantFrom(1_000, 90_000), (events, everyMs) => {
        const batch = createEventDecoder(plan!).decode(rawOf(events.map(([each]) => each)));
        const marks = Int32Array.from(events, ([, mark]) => mark);
        const rows = rowsOf(batch);
        for (const mark of [0, 1, 2]) {
          const fold = new ViewFold(view, everyMs);
          fold.add(batch, 0, batch.length, { marks, mark });
          const own = rows.filter((_, i) => marks[i] === mark);
          const counted = own.filter((row) => passes(view.where, insideRow(view.from, row)));
          expect([fold.events, fold.filtered]).toEqual([counted.length, own.length - counted.length]);
          expect(asRows(fold.all())).toEqual(naive(view, own, batch.offsets.filter((_, i) => marks[i] === mark), everyMs));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("gives only changed rows, with values and versions of the same moment", () => {
    const view = defineView({ name: "v", from: plays, by: ["artist"], every: "minute", measures: (c) => ({ events: count(), n: sum(c.n) }) }).definition;
    const base: Event = { ts: NOW, song: null, artist: "a", n: 1, big: null, price: null, exact: null, x: null, flag: null, seen: null };
    const decoder = createEventDecoder(planStreams([view])[0]!);
    const fold = new ViewFold(view);
    const flush = ({ dimensions, cells, versions }: VersionedPartials) => dimensions[0]!.map((artist, i) => [artist, ...cells.map((values) => values[i]), versions[i]]);
    fold.add(decoder.decode(rawOf([base, { ...base, artist: "b" }], 0)));
    expect(flush(fold.changed())).toEqual([["a", 1, 1, 1], ["b", 1, 1, 4]]);
    expect(flush(fold.changed())).toEqual([]);
    fold.add(decoder.decode(rawOf([{ ...base, artist: "b", n: 5 }], 6)));
    expect(flush(fold.changed())).toEqual([["b", 2, 6, 7]]);
    expect(flush(fold.all())).toEqual([["a", 1, 1, 1], ["b", 2, 6, 7]]);
  });

  it("is exact to the end of int64, and refuses to go beyond", () => {
    const view = defineView({ name: "v", from: plays, by: [], every: "hour", measures: (c) => ({ big: sum(c.big), n: sum(c.n) }) }).definition;
    const decoder = createEventDecoder(planStreams([view])[0]!);
    const base: Event = { ts: NOW, song: null, artist: "a", n: null, big: null, price: null, exact: null, x: null, flag: null, seen: null };
    const add = (fold: ViewFold, ...bigs: bigint[]) => fold.add(decoder.decode(rawOf(bigs.map((big) => ({ ...base, big })))));
    const fold = new ViewFold(view);
    add(fold, 2n ** 62n, 2n ** 62n - 2n, 1n);
    expect(fold.all().cells).toEqual([[2n ** 63n - 1n], [0]]);
    add(fold, -(2n ** 63n), 5n);
    expect(fold.all().cells).toEqual([[4], [0]]);
    expect(() => add(fold, 2n ** 63n - 1n, 1n)).toThrow(OverflowError);
    const numbers = new ViewFold(view);
    numbers.add(decoder.decode(rawOf(Array.from({ length: 5 }, () => ({ ...base, n: Number.MAX_SAFE_INTEGER })))));
    expect(numbers.all().cells).toEqual([[0], [45035996273704955n]]);
  });

  it("keeps apart thousands of rows, across many growths of its tables", () => {
    const view = defineView({ name: "v", from: plays, by: ["song", "n", "artist"], every: "second", measures: () => ({ events: count() }) }).definition;
    const base: Event = { ts: NOW, song: null, artist: "a", n: null, big: null, price: null, exact: null, x: null, flag: null, seen: null };
    const events = Array.from({ length: 20_000 }, (_, i) => ({ ...base, ts: NOW - (i % 7) * 500, song: `song ${(i * 7_919) % 3_001}`, n: i % 2 === 0 ? null : (i % 1_500) * 2 ** 31, artist: `artist ${i % 5}` }));
    const raw = rawOf(events);
    const decoder = createEventDecoder(planStreams([view])[0]!, { maxDictionaryEntries: 1_000 });
    const fold = new ViewFold(view);
    for (const [from, until] of cutAt(raw.length, [300, 4_000, 4_100, 15_000])) fold.add(decoder.decode(sliceRawBatch(raw, from, until)));
    const whole = createEventDecoder(planStreams([view])[0]!).decode(raw);
    const expected = naive(view, rowsOf(whole), whole.offsets);
    expect(expected.size).toBeGreaterThan(15_000);
    expect(asRows(fold.all())).toEqual(expected);
    // Once more in what is left of its tables, few and then many.
    const first = decoder.decode(sliceRawBatch(raw, 0, 10));
    for (const batch of [first, whole]) {
      fold.clear();
      fold.add(batch);
      expect(asRows(fold.all())).toEqual(naive(view, rowsOf(batch), batch.offsets));
    }
  });

  it("holds sketches of every size, sparse and dense, as the plain encoding has them", () => {
    const view = defineView({ name: "v", from: plays, by: ["artist"], every: "hour", measures: (c) => ({ ids: countDistinct(c.n), spread: quantile(c.n, 0.5) }) }).definition;
    const base: Event = { ts: NOW, song: null, artist: "a", n: 1, big: null, price: null, exact: null, x: null, flag: null, seen: null };
    const sizes = { a: 3, b: 200, c: 700, d: 1_400, e: 6_000 };
    const events = Object.entries(sizes).flatMap(([artist, size]) => Array.from({ length: size }, (_, i) => ({ ...base, artist, n: i * i - 1_000 })));
    // Interleaved, so that sketches grow past each other.
    const mixed = events.map((_, i) => events[(i * 7_919) % events.length]!);
    const batch = createEventDecoder(planStreams([view])[0]!).decode(rawOf(mixed));
    const fold = new ViewFold(view);
    for (const [from, until] of [[0, 1_000], [1_000, batch.length]] as const) fold.add(batch, from, until);
    expect(asRows(fold.all())).toEqual(naive(view, rowsOf(batch), batch.offsets));
    // Once more in the same buffers.
    fold.clear();
    fold.add(batch);
    expect(asRows(fold.all())).toEqual(naive(view, rowsOf(batch), batch.offsets));
  });
});
