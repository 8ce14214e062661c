// What the examples of comments and pages take for granted, a music site and a shop, so that each need not declare it.
import type fc from "fast-check";
import type { Observable } from "rxjs";
import { count, createLambda, decimal, defineModel, defineStream, defineView, embedded, int64, max, sql, sum, text, timestamp } from "millrace";
import type { ColumnBatch, EventLog, FileSystem, JoinTable, Measure, Column, Row, Sink, SinkBatch } from "millrace";
import type { LawRecord } from "@millrace/core/testing";

export { default as assert } from "node:assert/strict";
export { default as fc } from "fast-check";
export { describe, expect, it } from "vitest";

// The music site.
export const plays = defineStream({
  topic: "listen_events",
  columns: { ts: timestamp("ms"), song: text().optional(), artist: text(), duration: decimal(5), userId: int64(), level: text() },
  eventTime: "ts",
});
export const songChart = defineView({
  name: "song_chart",
  from: plays,
  where: (c) => c.song.isNotNull(),
  by: ["song", "artist"],
  every: "minute",
  measures: (c) => ({ plays: count(), seconds: sum(c.duration) }),
});
export const playsByMinute = songChart;
export const trending = songChart;
export const factListen = defineModel({
  name: "fact_listen",
  from: { plays },
  columns: { ts: timestamp("ms"), user_key: int64("bigint") },
  key: ["ts", "user_key"],
  partitioned: "date",
  sql: ({ plays: p }, d) => sql`select ${p.ts}, ${d.key(p.userId)} as user_key from ${p}`,
});
export declare const users: JoinTable<number, { readonly plan: string }>;
export declare const db: { users(ids: readonly number[]): Promise<ReadonlyMap<number, { readonly plan: string }>> };
export declare const longest: (column: Column<string, "text", string>) => Measure<number>;

// The shop.
export const orders = defineStream({
  topic: "orders",
  columns: { at: timestamp("iso"), shop: text(), item: text(), price: decimal(2), coupon: text().optional() },
  eventTime: "at",
});
export const sales = defineView({ name: "sales", from: orders, by: ["shop", "item"], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price), dearest: max(c.price) }) });
export const shop = createLambda({ views: [sales], platform: embedded("./data") });
export const priceChanges = defineStream({ topic: "price_changes", columns: { at: timestamp("iso"), item: text(), price: decimal(2) }, eventTime: "at" });

// The web site.
export const clicks = defineStream({ topic: "clicks", columns: { at: timestamp("iso"), kind: text(), session: text(), userId: int64().optional(), page: text() }, eventTime: "at" });
export const visits = defineView({ name: "visits", from: clicks, by: ["session"], every: "second", measures: () => ({ clicks: count() }) });

// Ports, sinks and what a pipeline has in its hands.
export const platform = embedded("./data");
export const lambda = createLambda({ views: [sales, visits, songChart], platform });
export declare const log: EventLog;
export declare const files: FileSystem;
export declare const batches: Observable<ColumnBatch<Row<(typeof plays)["columns"]>>>;
export declare const sink: Sink<unknown>;
export declare const windows: Sink<unknown>;
export declare const late: Sink<unknown>;
export declare const lateEvents: Sink<unknown>;
export declare const failures: Sink<unknown>;
export declare const sessions: Sink<unknown>;
export declare const crm: Sink<{ readonly customer: number | null; readonly page: string }>;
export declare const webhookSink: (to: string | { readonly url: string }) => Sink<unknown>;
export declare const charge: (id: string, rows: readonly unknown[], signal: AbortSignal) => Promise<void>;
export declare const batch: SinkBatch<unknown>;
export declare const run: (files: FileSystem) => Promise<void>;
export declare const cause: Error;
export declare const signal: AbortSignal;
export declare const newFolder: () => string;
export declare const url: string;
export declare const from: Date;
export declare const until: Date;
export declare const records: fc.Arbitrary<LawRecord>;
export declare const parseLine: (line: string) => { readonly at: string };
export declare const schemas: { load(ids: ReadonlySet<number>, signal: AbortSignal): Promise<void>; loaded(id: number): { decode(value: Uint8Array): object } };
export declare const schemaIdOf: (value: Uint8Array) => number;
export const columns = { at: timestamp("iso") };

/** What a project's `millrace.config.ts` has. */
export default createLambda({ views: [songChart], platform });
