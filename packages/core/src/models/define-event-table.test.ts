import { describe, expect, expectTypeOf, it } from "vitest";
import { boolean, decimal, int64, text, timestamp } from "../streams/column-type.js";
import { defineStream } from "../streams/define-stream.js";
import type { Row } from "../streams/stream.js";
import { defineEventTable } from "./define-event-table.js";
import { defineModel } from "./define-model.js";
import { NEUTRAL_DIALECT } from "./neutral-dialect.js";
import { sql } from "./sql.js";

const plays = defineStream({
  topic: "listen.events",
  columns: { at: timestamp("us").at("time"), log_offset: int64("bigint").optional(), song: text().cleaned("trimmed", (value) => value.trim()), price: decimal(2), paid: boolean().fromHeader("paid") },
  eventTime: "at",
});
const playEvents = defineEventTable({ name: "play_events", from: plays });

describe("defineEventTable", () => {
  it("selects every declared column of every event, then its place in the log, which is the key", () => {
    const { definition } = playEvents;
    const names = ["at", "log_offset", "song", "price", "paid", "_log_version", "_partition", "_offset", "_appended_at"];
    expect(definition.sql({ events: "(scan)" }, NEUTRAL_DIALECT)).toBe(`select ${names.map((name) => `"events"."${name}"`).join(", ")} from (scan) AS "events"`);
    expect(definition).toMatchObject({ name: "play_events", partitioned: "date", oneRowPer: "events", key: ["_log_version", "_partition", "_offset"], reach: { before: 0, after: 0 }, references: {} });
    expect(Object.keys(definition.columns)).toEqual(names);
    expect(Object.keys(playEvents.columns)).toEqual(names);
    expect(definition.columns["log_offset"]).toMatchObject({ kind: "int64", as: "bigint", optional: true });
    expect(definition.columns["_appended_at"]).toMatchObject({ kind: "timestamp", optional: false });
    expect(definition.from["events"]).toEqual({ from: "stream", stream: plays.definition });
  });

  it("has the rows of the stream, and what an event's place is", () => {
    expectTypeOf<Row<typeof playEvents.columns>>().toEqualTypeOf<{ at: Date; log_offset: bigint | null; song: string; price: number; paid: boolean; _log_version: number; _partition: number; _offset: number; _appended_at: Date }>();
  });

  it("is read by other models as any model is", () => {
    const last = defineModel({
      name: "last_offset",
      from: { events: playEvents },
      columns: { partition: int64(), last: int64() },
      key: ["partition"],
      partitioned: "whole",
      sql: ({ events }) => sql`select ${events._partition} as partition, max(${events._offset}) as last from ${events} group by ${events._partition}`,
    });
    expect(last.definition.from["events"]).toEqual({ from: "model", model: playEvents.definition });
  });

  it("is another table where the stream has another column, or another meaning", () => {
    const of = (more: Partial<Parameters<typeof defineStream>[0]>) => defineEventTable({ name: "play_events", from: defineStream({ topic: "listen.events", columns: plays.columns, eventTime: "at", ...more } as never) }).definition.fingerprint;
    const { fingerprint } = playEvents.definition;
    expect(of({})).toBe(fingerprint);
    expect(new Set([fingerprint, of({ columns: { ...plays.columns, city: text().optional() } }), of({ decoderVersion: 2 }), of({ topic: "others" })]).size).toBe(4);
  });

  it("tells what is wrong", () => {
    expect(() => defineEventTable({ name: "1st", from: plays })).toThrow('defining model "1st":\n  name: "1st" is not an identifier');
    for (const from of [playEvents, undefined, "plays"]) expect(() => defineEventTable({ name: "again", from: from as never })).toThrow(/^defining event table "again":\n {2}from: (an object|undefined|"plays") is no stream$/);
    // Only Millrace's own columns begin with "_".
    expect(() => defineModel({ name: "m", from: { playEvents }, columns: { _offset: int64() }, key: ["_offset"], partitioned: "date", sql: ({ playEvents: e }) => sql`select ${e._offset} from ${e}` })).toThrow(
      'columns._offset: "_offset" starts with "_", which is kept',
    );
  });
});
