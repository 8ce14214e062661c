import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration/configuration-error.js";
import type { Refs } from "../expressions/column.js";
import { avg } from "../measures/avg.js";
import { countDistinct } from "../measures/count-distinct.js";
import { count } from "../measures/count.js";
import { defineMeasure } from "../measures/define-measure.js";
import { max } from "../measures/extremes.js";
import { quantile } from "../measures/quantile.js";
import { ratio } from "../measures/ratio.js";
import { sum } from "../measures/sum.js";
import { decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineView } from "./define-view.js";

const columns = {
  ts: timestamp("ms"),
  song: text().optional(),
  artist: text(),
  duration: decimal(5),
  userId: int64("bigint").optional(),
  level: text(),
  x: float64(),
};
const plays = defineStream({ topic: "listen_events", columns, eventTime: "ts" });
const base = { name: "v", from: plays, by: ["song"], every: "minute" } as const;
const longest = defineMeasure({
  name: "longest",
  input: [text()],
  zero: () => 0,
  add: (n: number, song) => Math.max(n, song.length),
  merge: (a, b) => Math.max(a, b),
  present: (n) => `${n}`,
  encode: (n) => Uint8Array.of(n),
  decode: (bytes) => bytes[0] ?? 0,
});

const problemsOf = (define: () => unknown): string[] => {
  try {
    define();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
};

describe("defineView", () => {
  it("resolves every measure to the cells that are stored", () => {
    const { definition } = defineView({
      ...base,
      where: (c) => c.song.isNotNull().and(c.duration.ge(1.5)),
      measures: (c) => ({
        plays: count(),
        paid: count().where(c.level.eq("paid")),
        seconds: sum(c.duration),
        mean: avg(c.x),
        last: max(c.ts),
        listeners: countDistinct(c.userId),
        median: quantile(c.duration, 0.5),
        share: ratio(count().where(c.level.in(["paid", "trial"])), count()).where(c.artist.ne("x")),
        longest: longest(c.artist),
      }),
    });
    expect(definition.where).toEqual({ op: "and", all: [{ op: "isNotNull", column: "song" }, { op: "ge", column: "duration", value: 150_000 }] });
    const paid = { op: "eq", column: "level", value: "paid" };
    const some = { op: "in", column: "level", values: ["paid", "trial"] };
    const notX = { op: "ne", column: "artist", value: "x" };
    expect(definition.cells.map(({ custom: _, ...cell }) => cell)).toEqual([
      { name: "plays", type: "int64", combine: "sum", input: { of: "one" } },
      { name: "paid", type: "int64", combine: "sum", input: { of: "one" }, where: paid },
      { name: "seconds", type: "int64", combine: "sum", input: { of: "value", column: "duration" } },
      { name: "mean__sum", type: "float64", combine: "sum", input: { of: "value", column: "x" } },
      { name: "mean__count", type: "int64", combine: "sum", input: { of: "notNull", column: "x" } },
      { name: "last", type: "int64", combine: "max", input: { of: "value", column: "ts" } },
      { name: "listeners", type: "sketch", combine: "maxByKey", input: { of: "coordinate", coordinate: { kind: "hll12", column: "userId" } } },
      { name: "median", type: "sketch", combine: "sumByKey", input: { of: "coordinate", coordinate: { kind: "dd", column: "duration" } } },
      { name: "share__num", type: "int64", combine: "sum", input: { of: "one" }, where: { op: "and", all: [notX, some] } },
      { name: "share__den", type: "int64", combine: "sum", input: { of: "one" }, where: notX },
      { name: "longest", type: "bytes", combine: "custom", input: { of: "values", columns: ["artist"] } },
    ]);
    expect(definition.cells.at(-1)!.custom?.input).toEqual([plays.definition.columns["artist"]]);
    expect(definition.coordinates).toEqual([
      { kind: "dd", column: "duration" },
      { kind: "hll12", column: "userId" },
    ]);
  });

  it("has a fingerprint that changes with everything that changes rows, and with nothing else", () => {
    // Plain objects: what a change means is not a matter of types here.
    const fingerprint = (change: object) =>
      defineView({ ...base, measures: () => ({ n: count() }), ...change } as never as Parameters<typeof defineView>[0]).definition.fingerprint;
    const measures = (of: (c: Refs<typeof columns>) => unknown) => fingerprint({ measures: of });
    const stream = (change: object) => defineStream({ topic: "listen_events", columns, eventTime: "ts", ...change } as never);
    const plain = fingerprint({});
    expect(plain).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint({ from: stream({}) })).toBe(plain);
    expect(fingerprint({ from: stream({ topic: "listen_events" }), measures: () => ({ n: count() }) })).toBe(plain);
    const others = [
      fingerprint({ name: "w" }),
      fingerprint({ by: ["artist"] }),
      fingerprint({ by: ["song", "artist"] }),
      fingerprint({ by: ["artist", "song"] }),
      fingerprint({ every: "hour" }),
      fingerprint({ where: (c: { song: { isNotNull(): unknown } }) => c.song.isNotNull() }),
      fingerprint({ from: stream({ topic: "other" }) }),
      fingerprint({ from: stream({ maxFutureMs: 5 }) }),
      fingerprint({ from: stream({ maxPastMs: 5 }) }),
      fingerprint({ from: stream({ decode: () => ({}) }) }),
      fingerprint({ from: stream({ decode: () => ({}), decoderVersion: 2 }) }),
      fingerprint({ from: stream({ columns: { ...columns, level: text().at("other") } }) }),
      measures(() => ({ m: count() })),
      measures((c) => ({ n: count().where(c.level.eq("paid")) })),
      measures((c) => ({ n: count().where(c.level.eq("free")) })),
      measures((c) => ({ n: sum(c.duration) })),
      measures((c) => ({ n: quantile(c.duration, 0.5) })),
      measures((c) => ({ n: quantile(c.duration, 0.9) })),
      measures((c) => ({ n: longest(c.artist) })),
    ];
    expect(new Set([plain, ...others]).size).toBe(1 + others.length);
  });

  it("tells plain JavaScript every mistake at once, with the name that was meant", () => {
    const other = defineStream({ topic: "other", columns, eventTime: "ts" });
    let foreign: never;
    defineView({ ...base, from: other, measures: (c) => ((foreign = c.duration as never), { n: count() }) });
    expect(
      problemsOf(() =>
        defineView({
          name: "song chart",
          from: plays,
          by: ["son", "x", "level", "level"],
          every: "day",
          where: (c: Record<string, { isNotNull(): { and(p: unknown): unknown } }>) => c["sogn"]!.isNotNull().and("nonsense"),
          measures: (c: Record<string, never>) => ({
            window: count(),
            level: count(),
            _n: count(),
            a__b: count(),
            wrong: sum(c["artist"]!),
            typo: sum(c["duratoin"]!),
            text: sum("duration" as never),
            five: 5,
            condition: count().where((c["duration"] as never as { eq(v: string): never }).eq("1.234567")),
            far: quantile(c["duration"]!, 2),
            ratio: ratio(count(), sum(c["level"]!)),
            custom: longest(c["song"]!),
            many: (longest as (...c: unknown[]) => unknown)(c["artist"], c["artist"]),
            foreign: sum(foreign),
          }),
        } as never),
      ),
    ).toEqual([
      'name: "song chart" is not an identifier: a letter, then letters, digits and "_"',
      'every: "day" is none of "second", "minute", "hour"',
      'by[0]: no column "son"; did you mean "song"?',
      'by[1]: "x" is float64, which cannot be a dimension: declare decimal(scale)',
      'where: no column "sogn"; did you mean "song"?',
      'where: a condition such as c.level.eq("paid") is needed',
      'measures: no column "duratoin"; did you mean "duration"?',
      'measures.window: "window" is kept for Millrace\'s own columns: window, date, version. A column of another name reads the field by .at("window")',
      'measures._n: "_n" starts with "_", which is kept for Millrace\'s own columns',
      'measures.a__b: "a__b" has "__" in it, which parts the names of a measure\'s own columns',
      'measures.wrong: sum takes int64, decimal, float64; "artist" is text',
      "measures.text: sum needs a column such as c.duration",
      "measures.five: 5 is not a measure such as count()",
      'measures.condition: "duration".eq: "1.234567" is not a decimal of at most 5 digits after the point',
      "measures.far: a quantile lies between 0 and 1, not at 2",
      'measures.ratio: sum takes int64, decimal, float64; "level" is text',
      'measures.custom: longest takes no null; "song" is optional',
      "measures.many: longest takes 1 columns, not 2",
      'measures.foreign: "duration" is a column of another stream',
      'by[3]: "level" is already the name of by[2] (names are compared without case)',
      'measures.level: "level" is already the name of by[2] (names are compared without case)',
    ]);
  });

  it("refuses a name that is another measure's own column, and what is no declaration at all", () => {
    expect(problemsOf(() => defineView({ ...base, by: ["song"], measures: () => ({}) }))).toEqual(["measures: there must be at least one"]);
    expect(problemsOf(() => defineView({ ...base, by: "song" as never, measures: 5 as never }))).toEqual([
      "by: must be a list of column names; [] for one total a window",
      "measures: must be a function of the columns that gives measures by name: (c) => ({ plays: count() })",
    ]);
    expect(problemsOf(() => defineView({ ...base, from: {} as never, measures: () => ({ n: count() }) }))).toEqual(["from: must be a stream that defineStream made"]);
  });
});
