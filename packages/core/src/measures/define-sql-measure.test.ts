import { describe, expect, it } from "vitest";
import type { ConfigurationError } from "../configuration/configuration-error.js";
import { sql } from "../models/sql.js";
import { boolean, decimal, float64, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { foldCells } from "../testing/fold-cells.js";
import { defineView } from "../views/define-view.js";
import { defineSqlMeasure } from "./define-sql-measure.js";
import { OverflowError } from "./overflow-error.js";

const plays = defineStream({
  topic: "plays",
  columns: { at: timestamp("ms"), song: text(), seconds: decimal(2), user: int64("bigint").optional(), paid: boolean() },
  eventTime: "at",
});
const row = { at: new Date(60_001), song: "Help", seconds: 12.34, user: 2n ** 60n, paid: true };

const everything = defineSqlMeasure({
  name: "everything",
  input: [text(), decimal(0), int64("bigint"), boolean(), timestamp("ms")],
  cells: {
    sum: { combine: "sum", of: (song, seconds, user, paid, at) => BigInt(song.length) + seconds + (user % 10n) + (paid ? 1n : 0n) + at, sql: () => sql`0` },
    last: { combine: "max", of: (song) => (song === "Help" ? null : 7), sql: () => sql`0` },
  },
  present: (totals, scales) => ({ ...totals, scales }),
});
const viewOf = (measure = everything) => defineView({ name: "v", from: plays, by: [], every: "hour", measures: (c) => ({ m: measure(c.song, c.seconds, c.user, c.paid, c.at) }) });
const answer = (rows: readonly object[]) => {
  const { cells, measures } = viewOf().definition;
  return measures[0]!.present(foldCells(plays.definition, cells, rows as never));
};

describe("defineSqlMeasure", () => {
  it("gives functions exact integers, and presents totals with the scales of the columns", () => {
    expect(answer([row])).toEqual({ sum: 4n + 1_234n + 6n + 1n + 60_001n, last: null, scales: [0, 2, 0, 0, 0] });
    expect(answer([row, { ...row, song: "Yes" }])).toMatchObject({ last: 7n });
    expect(answer([])).toEqual({ sum: 0n, last: null, scales: [0, 2, 0, 0, 0] });
  });

  it("lets an event with a null among its columns add nothing", () => expect(answer([{ ...row, user: null }])).toMatchObject({ sum: 0n }));

  it("never rounds or wraps", () => {
    const of = (give: (seconds: bigint) => number | bigint) => {
      const measure = defineSqlMeasure({ name: "m", input: [decimal(0)], cells: { x: { combine: "sum", of: give, sql: (x) => x } }, present: ({ x }) => x });
      const { cells } = defineView({ name: "v", from: plays, by: [], every: "hour", measures: (c) => ({ m: measure(c.seconds) }) }).definition;
      return () => foldCells(plays.definition, cells, [row]);
    };
    expect(of((x) => Number(x) / 3)).toThrow('computing "m__x" of an event: 411.3333333333333 is not a whole number within 2^53: compute with bigints');
    expect(of((x) => x ** 9n)).toThrow(OverflowError);
    expect(of(() => 2 ** 53)).toThrow(RangeError);
  });

  it("prints SQL over the columns of the view, the same integers, and puts it into the fingerprint", () => {
    const dialect = { identifier: (name: string) => `<${name}>`, insideInteger: (expression: string) => `int(${expression})` } as never;
    const of = (factor: number) => defineSqlMeasure({ name: "m", input: [decimal(0), text()], cells: { x: { combine: "sum", of: (x) => x, sql: (x, song) => sql`${x} * ${factor} + length(${song})` } }, present: ({ x }) => x });
    const definition = (factor: number, version = 1) => {
      const measure = version === 1 ? of(factor) : defineSqlMeasure({ name: "m", version, input: [decimal(0), text()], cells: { x: { combine: "sum", of: (x) => x, sql: (x, song) => sql`${x} * ${factor} + length(${song})` } }, present: ({ x }) => x });
      return defineView({ name: "v", from: plays, by: [], every: "hour", measures: (c) => ({ m: measure(c.seconds, c.song) }) }).definition;
    };
    const [cell] = definition(2).cells;
    expect(cell!.input.of === "computed" && cell!.input.sql({ ...(dialect as object), literal: String } as never, plays.definition.columns)).toBe("int(<seconds>) * 2 + length(<song>)");
    expect(definition(2).fingerprint).toBe(definition(2).fingerprint);
    expect(definition(3).fingerprint).not.toBe(definition(2).fingerprint);
    expect(definition(2, 2).fingerprint).not.toBe(definition(2).fingerprint);
  });

  it("reports every mistake of a declaration, and of its use", () => {
    const problems = (declare: () => unknown) => {
      try {
        declare();
      } catch (error) {
        return (error as ConfigurationError).problems.map(({ path, message }) => `${path}: ${message}`);
      }
      throw new Error("nothing was wrong");
    };
    expect(problems(() => defineSqlMeasure({ name: "no name", version: 0, input: [float64() as never], cells: { a__b: { combine: "mean" as never, of: 1 as never, sql: undefined as never } }, present: 1 as never }))).toEqual([
      'name: "no name" is not an identifier: a letter, then letters, digits and "_"',
      "version: must be a whole number of at least 1",
      "input: float64 is not exact: declare the column as decimal(scale)",
      "present: must be a function",
      'cells.a__b: "a__b" has "__" in it, which parts the names of a measure\'s own columns',
      'cells.a__b.combine: "mean" is none of "sum", "min", "max"',
      "cells.a__b.of: must be a function of the columns",
      "cells.a__b.sql: must be a function of the columns",
    ]);
    expect(problems(() => defineSqlMeasure({ name: "m", input: [], cells: {}, present: () => 0 }))).toEqual(["cells: there must be at least one"]);
    expect(problems(() => defineSqlMeasure({ name: "m", input: [int64()], cells: { x: { combine: "sum", of: () => 1, sql: () => "1" as never } }, present: () => 0 }))).toEqual(["cells.x.sql: must give what the sql`...` template makes"]);
    const seconds = defineSqlMeasure({ name: "m", input: [int64()], cells: { x: { combine: "sum", of: (x) => x, sql: (x) => x } }, present: () => 0 });
    expect(problems(() => defineView({ name: "v", from: plays, by: [], every: "hour", measures: (c) => ({ m: seconds(c.seconds as never) }) }))).toEqual(['measures.m: m takes int64; "seconds" is decimal']);
  });
});
