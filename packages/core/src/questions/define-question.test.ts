import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { count } from "../measures/count.js";
import { sum } from "../measures/sum.js";
import { defineModel } from "../models/define-model.js";
import { NEUTRAL_DIALECT } from "../models/neutral-dialect.js";
import { sql } from "../models/sql.js";
import { decimal, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineView } from "../views/define-view.js";
import { defineQuestion } from "./define-question.js";
import { parameter } from "./parameter.js";

const plays = defineStream({ topic: "plays", columns: { ts: timestamp("ms"), song: text(), artist: text(), seconds: decimal(1) }, eventTime: "ts" });
const byMinute = defineView({ name: "by_minute", from: plays, by: ["song"], every: "minute", measures: (c) => ({ plays: count(), seconds: sum(c.seconds) }) });
const bySecond = defineView({ name: "by_second", from: plays, by: ["song", "artist"], every: "second", measures: () => ({ plays: count() }) });
const factPlay = defineModel({ name: "fact_play", from: { plays }, columns: { ts: timestamp("ms"), song: text() }, key: ["ts"], partitioned: "date", sql: ({ plays: p }) => sql`select ${p.ts}, ${p.song} from ${p}` });

describe("defineQuestion", () => {
  it("is answered by views, coarser ones first", () => {
    const top = defineQuestion({
      name: "top",
      doc: "  The songs\n  that were played most. ",
      views: [byMinute, bySecond],
      by: ["song"],
      measures: ["plays"],
      orderBy: "plays desc",
      limit: 3,
      granularity: "day",
      parameters: { song: parameter.text({ doc: "only this one", default: null }) },
      where: ({ song }) => (song === null ? {} : { song }),
    });
    const { answeredBy, ...rest } = top.definition;
    expect(rest).toEqual({
      name: "top",
      doc: "The songs that were played most.",
      granularities: ["second", "minute", "hour", "day", "week", "month", "year", "all"],
      granularity: "day",
      limit: 3,
      orderBy: { column: "plays", descending: true },
      parameters: { song: { kind: "text", doc: "only this one", default: null } },
    });
    expect(answeredBy).toMatchObject({ by: "views", views: [byMinute.definition, bySecond.definition], dimensions: ["song"], measures: ["plays"] });
    expect(answeredBy.by === "views" && answeredBy.where({ song: "a" })).toEqual({ song: "a" });
    expect(defineQuestion({ name: "n", doc: "d", views: [byMinute], by: [], measures: ["plays"], granularity: "hour" }).definition.granularities[0]).toBe("minute");
  });

  it("is answered by SQL over models, with the range and the windows that were asked for", () => {
    const question = defineQuestion({
      name: "songs",
      doc: "How many songs.",
      from: { p: factPlay },
      columns: { songs: int64() },
      granularity: "month",
      granularities: ["all", "month", "day"],
      parameters: { least: parameter.count({ doc: "plays of a song", default: 1 }), kind: parameter.oneOf(["a", "b"], { doc: "which", default: "a" }), all: parameter.flag({ doc: "all", default: false }) },
      sql: ({ p }, _, asked) => sql`
        select ${asked.window(p.ts)} as window_start, count(distinct ${asked.window(p.ts, "day")}) as songs
        from ${p} where ${asked.within(p.ts)} and ${asked.parameters.least} > 0 and ${asked.zone} <> ${asked.parameters.kind} group by 1`,
    });
    const { answeredBy, granularities } = question.definition;
    expect(granularities).toEqual(["day", "month", "all"]);
    if (answeredBy.by !== "models") throw new Error("over views");
    const asked = { from: 5, until: 9, granularity: "month", zone: "Europe/Paris", limit: null, own: { least: 2, kind: "b", all: true } } as const;
    expect(answeredBy.sql({ p: "facts" }, NEUTRAL_DIALECT, asked, (granularity, epochMs) => `${granularity}(${epochMs})`).replace(/\s+/g, " ").trim()).toBe(
      'select month(epoch_ms("p"."ts")) as window_start, count(distinct day(epoch_ms("p"."ts"))) as songs from facts AS "p" ' +
        'where ("p"."ts" >= instant(5) and "p"."ts" < instant(9)) and 2 > 0 and "Europe/Paris" <> "b" group by 1',
    );
  });

  it("tells every mistake at once", () => {
    const mistakes = (make: () => unknown): readonly string[] => {
      try {
        make();
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError);
        return (error as ConfigurationError).problems.map(({ path, message }) => `${path}: ${message}`);
      }
      throw new Error("it was taken");
    };
    expect(
      mistakes(() =>
        defineQuestion({
          name: "1",
          doc: " ",
          views: [bySecond, byMinute as never],
          by: ["artist", "sogn" as never],
          measures: [],
          orderBy: "plays down" as never,
          limit: 0,
          granularity: "second" as never,
          parameters: { limit: parameter.count({ doc: "no", default: 1 }), other: 5 as never },
        }),
      ),
    ).toEqual([
      'name: "1" is not an identifier: a letter, then letters, digits and "_"',
      "doc: a sentence that says what the question tells is needed",
      `parameters.limit: "limit" is kept for Millrace's own columns: from, until, granularity, zone, limit. A column of another name reads the field by .at("limit")`,
      "parameters.other: 5 is not a parameter such as parameter.count({ ... })",
      "limit: must be a whole number of at least 1, not 0",
      'views[1]: "by_minute" is by the minute and so not finer than "by_second" before it: coarser ones come first',
      'by[0]: "by_minute" has no "artist"; there is "song"',
      'by[1]: "by_second" has no "sogn"; did you mean "song"?',
      'by[1]: "by_minute" has no "sogn"; did you mean "song"?',
      "measures: there must be at least one",
      'granularity: "second" is none of "minute", "hour", "day", "week", "month", "year", "all"',
      'orderBy: "plays down" is not a column of the answer with "asc" or "desc"; there is "artist", "sogn"',
    ]);
    expect(
      mistakes(() =>
        defineQuestion({
          name: "q",
          doc: "d",
          from: { p: factPlay, plays: plays as never },
          columns: { window: int64() },
          granularity: "day",
          granularities: ["hour", "decade" as never],
          sql: ({ p }) => sql`select ${(p as never as Record<string, string>)["tss"]!}`,
        }),
      ),
    ).toEqual([
      "from.plays: an object is not a model",
      expect.stringContaining('columns.window: "window" is kept'),
      'sql: "p" has no column "tss"; did you mean "ts"?',
      'granularities: "decade" is none of "second", "minute", "hour", "day", "week", "month", "year", "all"',
      'granularity: "day" is none of "hour"',
    ]);
    expect(mistakes(() => defineQuestion({ name: "q", doc: "d", from: {}, columns: { n: int64() }, granularity: "day", sql: () => "select 1" as never }))).toEqual(["from: there must be at least one model"]);
    expect(mistakes(() => defineQuestion({ name: "q", doc: "d", from: { p: factPlay }, columns: { n: int64() }, granularity: "day", sql: () => "select 1" as never }))).toEqual(["sql: must give what the sql`...` template makes"]);
  });
});
