import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration/configuration-error.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import { int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import { defineModel } from "./define-model.js";
import { sql } from "./sql.js";

const plays = defineStream({
  topic: "listen_events",
  columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), level: text(), print: text() },
  eventTime: "ts",
});
const dialect = {
  name: "duckdb",
  identifier: (name: string) => `"${name}"`,
  literal: (value: unknown) => (value instanceof Date ? `TS${value.getTime()}` : typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value)),
  dateOf: (timestamp: string) => `date(${timestamp})`,
  windowStart: (timestamp: string, everyMs: number) => `window(${timestamp}, ${everyMs})`,
  epochMs: (timestamp: string) => `ms(${timestamp})`,
  surrogateKey: (columns: readonly string[]) => `hash(${columns.join("; ")})`,
} as unknown as SqlDialect;

const dimSong = defineModel({
  name: "dim_song",
  from: { plays },
  columns: { song_key: int64("bigint"), song: text() },
  key: ["song_key"],
  partitioned: "whole",
  sql: ({ plays }, d) => sql`select distinct ${d.key(plays.song, plays.artist)} as song_key, ${plays.song} from ${plays} where ${plays.level} = ${"pa'id"}`,
});

describe("defineModel", () => {
  it("prints tables with their name, columns qualified, and values as literals", () => {
    expect(dimSong.definition.sql({ plays: "(scan)" }, dialect)).toBe(
      `select distinct hash("plays"."song"; "plays"."artist") as song_key, "plays"."song" from (scan) AS "plays" where "plays"."level" = 'pa''id'`,
    );
  });

  it("takes models, nested SQL, dates and an event's own coordinates", () => {
    const fact = defineModel({
      name: "fact_play",
      from: { e: plays, s: dimSong },
      columns: { day: text(), song_key: int64("bigint"), partition: int64(), offset: int64() },
      key: ["partition", "offset"],
      partitioned: "date",
      reach: { before: 1 },
      references: { song_key: dimSong },
      sql: ({ e, s }, d) => {
        const recent = sql`${e.ts} >= ${new Date(5)} and ${d.startOf("hour", e.ts)} < ${7n} and ${true} is not ${null}`;
        return sql`select ${d.dateOf(e.ts)} as day, ${s.song_key}, ${e._partition} as partition, ${e._offset} as "offset", ${e.print} from ${e} join ${s} on ${d.key(e.song, sql`upper(${e.artist})`)} = ${s.song_key} where ${recent}`;
      },
    });
    expect(fact.definition.sql({ e: "events", s: "songs" }, dialect)).toBe(
      `select date("e"."ts") as day, "s"."song_key", "e"."_partition" as partition, "e"."_offset" as "offset", "e"."print" from events AS "e" join songs AS "s" ` +
        `on hash("e"."song"; upper("e"."artist")) = "s"."song_key" where "e"."ts" >= TS5 and window("e"."ts", 3600000) < 7 and true is not null`,
    );
    expect(fact.definition.reach).toEqual({ before: 1, after: 0 });
    expect(fact.definition.references["song_key"]).toBe(dimSong.definition);
    expect(fact.definition.from["s"]).toEqual({ from: "model", model: dimSong.definition });
  });

  it("has a fingerprint that follows the SQL, the columns and what it reads", () => {
    const model = (artist: string, columns: Parameters<typeof defineModel>[0]["columns"] = { n: int64() }, from = plays) =>
      defineModel({ name: "m", from: { plays: from }, columns, key: ["n"], partitioned: "whole", sql: ({ plays }) => sql`select count(*) as n from ${plays} where ${plays.artist} = ${artist}` }).definition.fingerprint;
    expect(model("a")).toMatch(/^[0-9a-f]{16}$/);
    expect(model("a")).toBe(model("a"));
    const other = defineStream({ topic: "other", columns: plays.columns, eventTime: "ts" });
    expect(new Set([model("a"), model("b"), model("a", { n: int64("bigint") }), model("a", undefined, other)]).size).toBe(4);
  });

  it("tells every mistake at once", () => {
    const wrong = () =>
      defineModel({
        name: "1st",
        from: { plays, "no name": plays, nothing: undefined as never },
        columns: { version: int64(), date: text() },
        key: ["nope" as never],
        partitioned: "date",
        reach: { before: -1 },
        references: { date: { definition: { ...dimSong.definition, key: ["a", "b"] } } as never },
        sql: ({ plays }) => sql`select ${(plays as never as Record<string, string>)["artits"]!}, ${Symbol.iterator as never} from ${plays}`,
      });
    let problems: readonly { path: string; message: string }[] = [];
    try {
      wrong();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      problems = (error as ConfigurationError).problems;
    }
    expect(problems.map(({ path }) => path)).toEqual(["name", "columns.version", "columns.date", "key[0]", "from.no name", "from.nothing", "reach.before", "references.date", "sql", "sql"]);
    expect(problems.at(-2)!.message).toBe('"plays" has no column "artits"; did you mean "artist"?');
  });

  it("takes a whole table that reads nothing, or whose rows hold for a time, and a stream to count rows by", () => {
    const numbers = defineModel({ name: "numbers", from: {}, columns: { n: int64() }, key: ["n"], partitioned: "whole", sql: (_, d) => sql`select n, ${d.instant(sql`n`)} from (values (1)) as t(n)` });
    expect(numbers.definition.sql({}, { ...dialect, timestamp: (ms: string) => `at(${ms})` } as SqlDialect)).toBe("select n, at(n) from (values (1)) as t(n)");
    const prices = { name: "prices", from: { plays }, columns: { song: text(), since: timestamp("ms").optional(), until: timestamp("ms").optional() }, key: ["song"], partitioned: "whole", sql: () => sql`select 1` } as const;
    const valid = { from: "since", until: "until" } as const;
    const history = defineModel({ ...prices, valid });
    expect(history.definition.valid).toEqual(valid);
    expect(history.definition.fingerprint).not.toBe(defineModel(prices).definition.fingerprint);
    expect(defineModel({ ...prices, oneRowPer: "plays" }).definition.oneRowPer).toBe("plays");
    expect(() => defineModel({ ...prices, name: "p", from: {}, partitioned: "date", valid: { from: "song", until: "untill" as never }, oneRowPer: "played" as never })).toThrow(
      [
        'defining model "p":',
        "from: a table by date needs a stream or a model that says which dates there are",
        "valid: only a whole table has rows that hold for a time",
        'valid.from: "song" must be a timestamp column',
        'valid.until: no column "untill"; did you mean "until"?',
        'oneRowPer: "played" is no stream of `from`',
      ].join("\n  "),
    );
  });

  it("refuses SQL that was not written with the template", () => {
    expect(() => defineModel({ name: "m", from: { plays }, columns: { n: int64() }, key: ["n"], partitioned: "whole", sql: () => "select 1" as never })).toThrow(
      "sql: must give what the sql`...` template makes",
    );
  });
});
