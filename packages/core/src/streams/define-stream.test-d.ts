import type { Sink } from "../ports/sink.js";
import { boolean, decimal, float64, int64, text, timestamp } from "./column-type.js";
import { defineStream } from "./define-stream.js";
import { deliver } from "./deliver.js";
import type { Row, Stream } from "./stream.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <_ extends true>() => {};

const plays = defineStream({
  topic: "listen_events",
  columns: {
    ts: timestamp("ms"),
    song: text().optional().at("a.song"),
    n: int64(),
    big: int64("bigint").fromHeader("big"),
    price: decimal(2).optional(),
    exact: decimal(2, "string"),
    x: float64(),
    paid: boolean().fromKey(),
    received: timestamp("ms").fromAppendedAt(),
  },
  eventTime: "ts",
});
type PlaysRow = typeof plays extends Stream<infer C> ? Row<C> : never;
same<
  Equal<
    PlaysRow,
    { ts: Date; song: string | null; n: number; big: bigint; price: number | null; exact: string; x: number; paid: boolean; received: Date }
  >
>();

declare const rows: Sink<PlaysRow>;
declare const some: Sink<{ song: string | null }>;
declare const others: Sink<{ title: string }>;

export const uses = () => {
  deliver(plays, rows);
  // A sink that needs less takes more.
  deliver(plays, some);
  deliver(plays, others, (row) => ({ title: row.song ?? "" }));
  // @ts-expect-error a sink of other rows needs a map
  deliver(plays, others);
  // @ts-expect-error the map must give what the sink takes
  deliver(plays, others, (row) => ({ title: row.n }));
  // @ts-expect-error the row has no such column
  deliver(plays, others, (row) => ({ title: row.titel }));
};

export const mistakes = () => {
  // @ts-expect-error a stream needs a timestamp column that is not optional
  defineStream({ topic: "t", columns: { ts: timestamp("ms").optional() }, eventTime: "ts" });
  // @ts-expect-error the event time is one of the timestamp columns
  defineStream({ topic: "t", columns: { ts: timestamp("ms"), n: int64() }, eventTime: "n" });
  // @ts-expect-error only a timestamp can be the broker's
  text().fromAppendedAt();
  // @ts-expect-error decimals are exact as "string", integers as "bigint"
  decimal(2, "bigint");
  // @ts-expect-error hours are no unit of timestamps
  timestamp("h");
};
