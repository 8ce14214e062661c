import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../configuration/configuration-error.js";
import { boolean, decimal, float64, int64, text, timestamp } from "./column-type.js";
import { defineStream } from "./define-stream.js";

describe("defineStream", () => {
  it("resolves columns in declared order, with where they lie", () => {
    const { definition } = defineStream({
      topic: "listen_events",
      columns: {
        ts: timestamp("us"),
        song: text().optional(),
        user: int64("bigint").at("user.id"),
        dotted: boolean().at(["a.b"]),
        price: decimal(2, "string").optional().fromHeader("price"),
        partitionKey: text().fromKey(),
        received: timestamp("ms").fromAppendedAt(),
        x: float64(),
        n: int64(),
      },
      eventTime: "ts",
    });
    expect(definition).toEqual({
      topic: "listen_events",
      columns: {
        ts: { kind: "timestamp", unit: "us", optional: false, source: { in: "value", path: ["ts"] } },
        song: { kind: "text", optional: true, source: { in: "value", path: ["song"] } },
        user: { kind: "int64", as: "bigint", optional: false, source: { in: "value", path: ["user", "id"] } },
        dotted: { kind: "boolean", optional: false, source: { in: "value", path: ["a.b"] } },
        price: { kind: "decimal", scale: 2, as: "string", optional: true, source: { in: "header", name: "price" } },
        partitionKey: { kind: "text", optional: false, source: { in: "key" } },
        received: { kind: "timestamp", unit: "ms", optional: false, source: { in: "appendedAt" } },
        x: { kind: "float64", optional: false, source: { in: "value", path: ["x"] } },
        n: { kind: "int64", as: "number", optional: false, source: { in: "value", path: ["n"] } },
      },
      eventTime: "ts",
      latenessMs: 60_000,
      maxPastMs: null,
      maxFutureMs: 86_400_000,
      maxTextBytes: 8_192,
      maxRecordBytes: 4_194_304,
      decoderVersion: 1,
    });
    expect(Object.keys(definition.columns)).toEqual(["ts", "song", "user", "dotted", "price", "partitionKey", "received", "x", "n"]);
  });

  it("does not change a column type that is declared further", () => {
    const base = text();
    base.optional().at("elsewhere");
    expect(base.definition).toEqual({ kind: "text", optional: false });
  });

  it("tells every mistake at once", () => {
    const wrong = {
      topic: "no spaces",
      columns: {
        _own: text(),
        window: text(),
        "two words": text(),
        id: text(),
        ID: text(),
        scale: decimal(19),
        as: int64("float" as "number"),
        unit: timestamp("h" as "s"),
        path: text().at("a..b"),
        header: text().fromHeader(""),
        nothing: undefined as never,
        received: timestamp("ms").fromAppendedAt().optional(),
      },
      eventTime: "uint",
      decode: "json" as never,
      latenessMs: -1,
      maxPastMs: 1.5,
      maxRecordBytes: 0,
      decoderVersion: 0,
    };
    let problems: Record<string, string> = {};
    try {
      defineStream(wrong as never);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error).toMatchObject({ code: "CONFIGURATION", retryable: false });
      problems = Object.fromEntries((error as ConfigurationError).problems.map(({ path, message }) => [path, message]));
    }
    expect(problems).toEqual({
      topic: '"no spaces" is not the name of a topic: 1 to 249 letters, digits, ".", "_" and "-"',
      "columns._own": '"_own" starts with "_", which is kept for Millrace\'s own columns',
      "columns.window": '"window" is kept for Millrace\'s own columns: window, date, version. A column of another name reads the field by .at("window")',
      "columns.two words": '"two words" is not an identifier: a letter, then letters, digits and "_"',
      "columns.ID": '"ID" is already the name of columns.id (names are compared without case)',
      "columns.scale": "a decimal's scale is a whole number from 0 to 18, not 19",
      "columns.as": 'int64 as "float" is none of "number", "bigint"',
      "columns.unit": 'a timestamp\'s unit "h" is none of "s", "ms", "us", "iso"',
      "columns.path": 'the path ["a","","b"] has an empty step',
      "columns.header": "a header needs its name",
      "columns.nothing": "undefined is not a column type such as text() or int64()",
      "columns.received": "appendedAt is a timestamp that is never null",
      eventTime: 'no column "uint"; did you mean "unit"?',
      decode: "must be a function from bytes to the record, or an object with the functions prepare and decode",
      latenessMs: "must be a whole number of at least 0, not -1",
      maxPastMs: "must be a whole number of at least 0, not 1.5",
      maxRecordBytes: "must be a whole number of at least 1, not 0",
      decoderVersion: "must be a whole number of at least 1, not 0",
    });
  });

  it("wants an event time that is a timestamp and never null", () => {
    const columns = { ts: timestamp("ms").optional(), n: int64() };
    for (const eventTime of ["ts", "n"]) {
      expect(() => defineStream({ topic: "t", columns, eventTime } as never)).toThrow(`defining stream "t":\n  eventTime: "${eventTime}" must be a timestamp column that is not optional`);
    }
    expect(() => defineStream({ topic: "..", columns: { ts: timestamp("ms") }, eventTime: "ts" })).toThrow(ConfigurationError);
    expect(() => defineStream({ topic: "t", columns: {}, eventTime: "toString" } as never)).toThrow("columns: there must be at least one");
  });
});
