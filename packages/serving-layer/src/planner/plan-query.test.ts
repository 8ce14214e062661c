import { describe, expect, it } from "vitest";
import { count, defineView, max, ratio } from "@millrace/core";
import { plays, songs, totals } from "../testing/plays.js";
import { planQuery } from "./plan-query.js";
import { QueryError } from "./query-error.js";

const view = songs.definition;
const range = { from: 0, until: 60_000 };

function problemsOf(query: object, of = view): readonly string[] {
  try {
    planQuery(of, query as never);
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    return (error as QueryError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("planning a query", () => {
  it("fills in what was left out", () => {
    expect(planQuery(view, { from: new Date(0), until: 60_000 })).toMatchObject({
      from: 0, until: 60_000, granularity: "minute", zone: "UTC", filters: [], order: { by: undefined, descending: false },
      by: [{ name: "song" }, { name: "artist" }, { name: "paid" }], limit: undefined, limitPerWindow: undefined, fill: false, allowIncomplete: false,
    });
  });

  it("splits where parts add up", () => {
    expect(planQuery(view, { ...range, split: true }).split).toBe(true);
    expect(planQuery(view, range).split).toBe(false);
    expect(problemsOf({ ...range, split: "yes" })).toEqual(['split: must be true or false, not "yes"']);
    const none = defineView({ name: "v", from: plays, by: ["artist"], every: "minute", measures: (c) => ({ last: max(c.ts), share: ratio(count(), count()) }) }).definition;
    expect(problemsOf({ ...range, split: true }, none)).toEqual(['split: view "v" has no measure that adds up from two parts: a count or a sum']);
    const taken = defineView({ name: "v", from: plays, by: ["artist"], every: "minute", measures: () => ({ split: count() }) }).definition;
    expect(problemsOf({ ...range, split: true }, taken)).toEqual(['split: view "v" has a column of this name']);
    expect(problemsOf({ ...range, split: false }, taken)).toEqual([]);
  });

  it("tells every mistake at once", () => {
    expect(
      problemsOf({
        from: "2026-01-01", until: new Date(Number.NaN), granularity: "second", zone: "Mars/Olympus", by: ["sogn", "paid", "paid"],
        where: { artits: "x", paid: "yes", artist: 7 }, orderBy: "playz desc", limit: 0, limitPerWindow: 1.5, fill: "null", allowIncomplete: 1, having: 1,
      }),
    ).toEqual([
      expect.stringMatching(/^having: no such field; there is "from"/),
      'from: must be a valid Date, or epoch milliseconds, not "2026-01-01"',
      "until: must be a valid Date, or epoch milliseconds, not an invalid Date",
      'granularity: "second" is finer than the view\'s "minute"; there is "minute", "hour", "day", "week", "month", "year", "all"',
      'zone: "Mars/Olympus" is not an IANA time zone such as "America/New_York"',
      'by[0]: no dimension "sogn"; there is "song", "artist", "paid"',
      'by[2]: "paid" is named twice',
      'where.artits: no dimension "artits"; there is "song", "artist", "paid"',
      'where.paid: true or false is needed, not "yes"',
      "where.artist: a text is needed, not 7",
      expect.stringMatching(/^orderBy: "playz desc" is not a column of the answer with a direction, such as "median desc"; there is "window", "paid", "plays"/),
      "limit: must be a whole number of at least 1, not 0",
      "limitPerWindow: must be a whole number of at least 1, not 1.5",
      'fill: must be "zero", not "null"',
      "allowIncomplete: must be true or false",
    ]);
  });

  it("wants a range with something in it", () => {
    expect(problemsOf({ from: 5, until: 5 })).toEqual(["until: must lie after `from`"]);
    expect(problemsOf({ from: 6, until: 5 })).toEqual(["until: must lie after `from`"]);
    expect(problemsOf({ from: 0.5, until: 5 })).toEqual(["from: must be a valid Date, or epoch milliseconds, not 0.5"]);
    expect(problemsOf({ from: 0, until: Infinity })).toEqual(["until: must be a valid Date, or epoch milliseconds, not Infinity"]);
  });

  it("takes nothing for SQL that is none", () => {
    for (const orderBy of ["plays desc; DROP TABLE x", "plays, song", 'plays" desc', "1", "(select 1)", "window", "PLAYS desc", "plays  down"]) {
      expect(problemsOf({ ...range, granularity: "all", orderBy })).toHaveLength(1);
    }
    for (const zone of ["UTC'; --", "+05:30", "", "../etc/passwd", 5]) expect(problemsOf({ ...range, zone })).toHaveLength(1);
    for (const where of [{ __proto__: "x", constructor: "x" }, { "song\" OR 1=1 --": "x" }, { plays: 1 }]) expect(problemsOf({ ...range, where })).toHaveLength(1);
    expect(problemsOf({ ...range, where: "song = 'x'" })).toEqual([`where: must be an object from dimensions to values, not "song = 'x'"`]);
    expect(problemsOf({ ...range, by: "song" })).toEqual(['by: must be a list of dimensions, not "song"']);
  });

  it("refuses a zone that the view's windows do not add up to", () => {
    expect(problemsOf({ ...range, zone: "Asia/Kolkata" }, totals.definition)).toEqual([
      expect.stringMatching(/^zone: making calendar windows in zone "Asia\/Calcutta" of windows of one hour: at 1970-01-01T00:00:59.999Z the zone is UTC\+05:30, no multiple of one hour/),
    ]);
    expect(problemsOf({ ...range, zone: "Asia/Kolkata" })).toEqual([]);
    // A total has no windows.
    expect(problemsOf({ ...range, zone: "Asia/Kolkata", granularity: "all" }, totals.definition)).toEqual([]);
    // UTC+07:30 until 1981: only rows from then are refused.
    expect(problemsOf({ from: 0, until: Date.UTC(2026, 0), zone: "Asia/Singapore" }, totals.definition)).toEqual([]);
  });

  it("knows the order's column among those of the answer only", () => {
    expect(planQuery(view, { ...range, orderBy: "plays DESC" as never }).order).toEqual({ by: { of: "measure", index: 0 }, descending: true });
    expect(planQuery(view, { ...range, orderBy: "artist" }).order).toEqual({ by: { of: "dimension", index: 1 }, descending: false });
    expect(problemsOf({ ...range, by: ["song"], orderBy: "artist" })).toHaveLength(1);
    expect(problemsOf({ ...range, granularity: "minute" }, totals.definition)).toHaveLength(1);
  });

  it("takes one value, a list of them, and null", () => {
    expect(planQuery(view, { ...range, where: { song: ["a", null], paid: true, artist: [] } }).filters).toMatchObject([
      { name: "song", values: ["a"], orNull: true },
      { name: "paid", values: [true], orNull: false },
      { name: "artist", values: [], orNull: false },
    ]);
  });
});
