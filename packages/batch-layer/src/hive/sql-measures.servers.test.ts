import { boolean, count, decimal, defineSqlMeasure, defineStream, int64, max, sql, sum, text, timestamp, type Refs } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";
import { measureLaws } from "@millrace/core/testing";
import fc from "fast-check";
import { describe, inject, it } from "vitest";
import { hiveEngine } from "./hive-engine.js";

const server = inject("spark");
const engine = () => hiveEngine({ files: memoryFileSystem(), ...server });
const plays = defineStream({
  topic: "plays",
  columns: { at: timestamp("ms"), song: text().optional(), seconds: decimal(5), user: int64("bigint").optional(), money: decimal(2, "string"), paid: boolean() },
  eventTime: "at",
});
const rows = fc.record({
  at: fc.date({ noInvalidDate: true, min: new Date(-1e12), max: new Date(4e12) }),
  song: fc.option(fc.constantFrom("", "a", "b'; --", "Yesterday")),
  seconds: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1e5),
  user: fc.option(fc.oneof(fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: -(2n ** 28n), max: 2n ** 28n }))),
  money: fc.constantFrom("0", "-1.5", "92233720368547.07"),
  paid: fc.boolean(),
});

const all = defineSqlMeasure({
  name: "all",
  input: [int64("bigint"), decimal(5), decimal(2, "string"), text(), boolean(), timestamp("ms")],
  cells: {
    n: { combine: "sum", of: () => 1, sql: () => sql`1` },
    products: { combine: "sum", of: (user, seconds) => user * seconds, sql: (user, seconds) => sql`${user} * ${seconds}` },
    squares: { combine: "sum", of: (user) => user * user * (user % 2n) * (user % 2n), sql: (user) => sql`${user} * ${user} * (${user} % 2) * (${user} % 2)` },
    first: { combine: "min", of: (...[, , money, song, paid, at]) => (paid && song === "b'; --" ? at - money : null), sql: (...[, , money, song, paid, at]) => sql`CASE WHEN ${paid} AND ${song} = ${"b'; --"} THEN ${at} - ${money} END` },
    last: { combine: "max", of: (...[, , , , , at]) => at, sql: (...[, , , , , at]) => at },
  },
  present: (totals) => totals,
});

describe("a measure with SQL", () => {
  measureLaws(it, { from: plays, measure: (c) => all(c.user, c.seconds, c.money, c.song, c.paid, c.at).where(c.paid.eq(true)), rows, engine, runs: 8 });
});
describe.each([
  ["count", () => count()],
  ["sum", (c: Refs<typeof plays.columns>) => sum(c.seconds).where(c.song.ne("a"))],
  ["max", (c: Refs<typeof plays.columns>) => max(c.user)],
] as const)("%s", (_, measure) => {
  measureLaws(it, { from: plays, measure, rows, engine, runs: 5 });
});
