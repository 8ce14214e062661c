import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Client } from "cassandra-driver";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { hiveCatalog, hiveEngine } from "@millrace/batch-layer/hive";
import { collectRows, avg, boolean, count, countDistinct, decimal, defineMeasure, defineStream, defineView, int64, max, min, quantile, ratio, simulatedClock, sum, text, timestamp, type AnyView, type Platform, type SqlValue } from "@millrace/core";
import { naiveFold } from "@millrace/core/testing";
import { prestoEngine } from "@millrace/serving-layer/presto";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { embedded } from "../embedded/embedded.js";
import { createLambda } from "../lambda/create-lambda.js";
import { mergedViews } from "./merged-views.js";

const cassandra = inject("cassandra");
const never = new AbortController().signal;
const name = `m${process.pid}_${Date.now().toString(36)}`;
const root = mkdtempSync(path.join(os.tmpdir(), "millrace-merged-views-"));
/** Near the server's clock, which says what has expired. */
const clock = simulatedClock(Date.now() - 6 * 3_600_000);

const local = embedded(root, { clock, newTopicPartitions: 2 });
const spark = hiveEngine({ files: local.files, ...inject("spark") });
const presto = prestoEngine({ ...inject("presto"), catalog: "hive", schema: name });
const store = cassandraStore({ ...cassandra, keyspace: name, replication: { [cassandra.localDataCenter]: 1 }, bucketMs: 600_000, clock });
// region platform
const platform: Platform = {
  ...local,
  store,
  engine: spark,
  catalog: hiveCatalog({ files: local.files, engine: spark, database: name, settleMs: 4_000 }),
  mergedViews: { engine: presto, catalog: "hive", schema: `${name}_serving`, tables: name, speedCatalog: "cassandra", aheadMs: 12 * 3_600_000 },
};
// endregion

const orders = defineStream({
  topic: name,
  columns: {
    at: timestamp("ms"), shop: text().optional(), userId: int64(), price: decimal(2), exact: decimal(3, "string"), size: int64("bigint").optional(), paid: boolean().optional(), due: timestamp("ms").optional(),
  },
  eventTime: "at",
});
const sales = defineView({
  name: "Sales", from: orders, by: ["shop", "paid"], every: "minute",
  measures: (c) => ({
    orders: count(), total: sum(c.price), exactly: sum(c.exact), sizes: sum(c.size), least: min(c.price), last: max(c.due), mean: avg(c.price), unpaid: ratio(count().where(c.paid.eq(false)), count()),
    users: countDistinct(c.userId), median: quantile(c.price, 0.5),
  }),
});
const keys = defineView({ name: "keys", from: orders, by: ["size", "price", "exact", "due"], every: "hour", measures: () => ({ orders: count() }) });
const all = defineView({ name: "everybody", from: orders, by: [], every: "hour", measures: (c) => ({ users: countDistinct(c.userId), orders: count() }) });
const longest = defineMeasure({
  name: "longest", input: [int64()], zero: () => ({ n: 0 }), add: (state, value) => ({ n: Math.max(state.n, value) }), merge: (a, b) => ({ n: Math.max(a.n, b.n) }),
  present: ({ n }) => n, encode: ({ n }) => new TextEncoder().encode(String(n)), decode: (bytes) => ({ n: Number(new TextDecoder().decode(bytes)) }),
});
const own = defineView({ name: "own", from: orders, by: [], every: "hour", measures: (c) => ({ longest: longest(c.userId) }) });

const warnings: string[] = [];
const lambda = createLambda<AnyView>({
  views: [sales, keys, all, own], platform, grid: { segmentOffsets: 4_000, segmentMs: 300_000 }, sealGuardMs: 1_000, flushMinMs: 0,
  telemetry: (event) => void (event.type === "Warning" && warnings.push(event.message)),
});
const merged = mergedViews({ platform, server: platform.mergedViews!, views: lambda.definitions.views });
const stop = new AbortController();
let speed: Promise<void>;
const client = new Client({ contactPoints: [...cassandra.contactPoints], localDataCenter: cassandra.localDataCenter, protocolOptions: { port: cassandra.port } });
const rowsOf = (sql: string) => collectRows(presto, sql, never);
const at = (view: { readonly name: string }) => `hive.${name}_serving.${view.name.toLowerCase()}`;

beforeAll(async () => {
  await platform.log.createTopic(name, { partitions: 2 }, never);
  speed = lambda.speed({ signal: stop.signal });
  speed.catch(() => undefined);
});
afterAll(async () => {
  stop.abort();
  await speed;
  for (const view of [sales, keys, all]) await rowsOf(`DROP VIEW IF EXISTS ${at(view)}`).catch(() => undefined);
  await rowsOf(`DROP SCHEMA IF EXISTS hive.${name}_serving`).catch(() => undefined);
  await collectRows(spark, `DROP DATABASE IF EXISTS ${name} CASCADE`, never);
  await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
  await client.shutdown();
  await lambda.close();
  rmSync(root, { recursive: true });
});

let made = 0;
/** Records of all kinds, one in five late by up to two days. */
async function append(records: number): Promise<void> {
  const values = Array.from({ length: records }, () => {
    const i = made++;
    const odd = (i * 7919) % 97;
    return {
      partition: i % 3 === 0 ? 1 : 0,
      value: JSON.stringify({
        at: clock.now() - (i % 5 === 0 ? odd * 1_800_000 : odd * 100), userId: (i * 31) % 2_500, price: (odd - 20) / 100, exact: odd + (i % 10) / 1_000,
        ...(i % 7 === 0 ? {} : { shop: ["A", "it's", "␀", "␀s", "ü\n"][odd % 5] }),
        ...(i % 4 === 0 ? {} : { size: odd % 6 === 0 ? 0 : -odd }), ...(i % 6 === 0 ? {} : { paid: odd % 2 === 0 }), ...(i % 3 === 0 ? { due: 1_700_000_000_000 + odd } : {}),
      }),
    };
  });
  await platform.log.append(name, values, never);
}

/** An exponential's last digits are those of a machine: a median has one. */
const shown = (value: unknown, of?: string): unknown =>
  value instanceof Date ? value.getTime() : typeof value === "bigint" ? String(value) : of === "median" && typeof value === "number" ? value.toPrecision(12) : value;
/** A view's rows as texts: of serving, of a plain fold, of the merged view. */
async function rowsBy(view: AnyView): Promise<{ readonly serving: readonly string[]; readonly naive: readonly string[]; readonly sql: readonly string[] }> {
  const { by, measures, from } = view.definition;
  const names = [...by, ...measures.map((measure) => measure.name)];
  const line = (row: Record<string, unknown>) => JSON.stringify([shown(row["window"]), ...names.map((each) => shown(row[each], each))]);
  const ask = lambda.query as unknown as (name: string, query: object) => Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
  const serving = (await ask(view.name, { from: new Date(0), until: new Date(clock.now() + 86_400_000) })).rows.map(line).sort();
  const naive = (await naiveFold(platform.log, view.definition, never)).rows.map((row) => line(row)).sort();
  const columnOf = (each: string) => from.columns[each] ?? measures.find((measure) => measure.name === each)?.presentation;
  const sql = (await rowsOf(`SELECT window_start, ${names.map((each) => `"${each}"`).join(", ")} FROM ${at(view)}`))
    .map((row) => JSON.stringify([row[0], ...names.map((each, i) => shown(sqlShown(columnOf(each), row[i + 1]!), each))]))
    .sort();
  return { serving, naive, sql };
}

/** What SQL has as decimals and integers, as TypeScript presents it. */
function sqlShown(column: unknown, value: SqlValue): unknown {
  const definition = (column as { readonly column?: object }).column ?? column;
  const { kind, as, of } = definition as { readonly kind?: string; readonly as?: string; readonly of?: string };
  if (value === null) return null;
  if (of === "mean" || of === "quantile" || of === "ratio") return Number(value);
  if (kind === "decimal") return as === "string" ? String(value) : Number(value);
  return as === "bigint" ? String(value) : shown(value);
}

async function expectExact(): Promise<void> {
  await lambda.caughtUp();
  for (const view of [sales, keys, all]) {
    const { serving, naive, sql } = await rowsBy(view);
    expect(serving.length).toBeGreaterThan(0);
    expect(serving, view.name).toEqual(naive);
    expect(sql, view.name).toEqual(serving);
  }
}

async function ingest(): Promise<void> {
  await clock.advance(320_000);
  await lambda.layers.ingest().drain(never);
}

it("a merged view has what serving answers and what a plain fold gives, before, between and after generations", { timeout: 600_000 }, async () => {
  await append(50);
  await lambda.caughtUp();
  // Presto's driver hears of new tables of Cassandra a second later.
  const texts = await vi.waitFor(() => merged.apply(never), { timeout: 60_000, interval: 1_000 });
  expect(texts.filter((each) => "refused" in each)).toEqual([{ view: "own", refused: 'the measure "longest" is presented by a function of its own, which SQL cannot say' }]);
  await expectExact();
  for (let generation = 1; generation <= 2; generation++) {
    for (let some = 0; some < 3; some++) {
      await append(300);
      await ingest();
    }
    await append(40);
    await lambda.caughtUp();
    await lambda.batch.run();
    expect([warnings, await merged.shown(never)]).toEqual([[], generation]);
    await expectExact();
    // So many in one segment that the speed layer's sketches are dense, too.
    await append(generation === 2 ? 2_400 : 100);
    await expectExact();
  }
  // Presto's own estimate, of the same registers: both are within 1.6 % of the truth, and of each other more often than not.
  for (const [users, own] of await rowsOf(`SELECT users, cardinality(users__hll) FROM ${at(all)}`)) expect(Math.abs(Number(own) / Number(users) - 1)).toBeLessThan(0.05);
  expect(Number((await rowsOf(`SELECT cardinality(merge(users__hll)) FROM ${at(all)}`))[0]![0])).toBeGreaterThan(2_300);
  const [[orders, parts] = []] = await rowsOf(`SELECT sum(orders), sum(mean__count) FROM ${at(sales)}`);
  expect(parts).toBe(orders);

  const [[here] = []] = await rowsOf(`SELECT to_unixtime(max(window_start)) FROM ${at(all)}`);
  expect(Number(here) % 3_600).toBe(0);
});

it("who reads in a loop sees no smaller number while generations are published and events come", { timeout: 600_000 }, async () => {
  let isOver = false;
  const seen: number[] = [];
  const reading = (async () => {
    while (!isOver) seen.push(Number((await rowsOf(`SELECT sum(orders) FROM ${at(all)}`))[0]![0]));
  })();
  const publishing = (async () => {
    for (let generation = 0; generation < 2; generation++) {
      await append(200);
      await ingest();
      await append(20);
      await lambda.caughtUp();
      await lambda.batch.run();
    }
  })();
  await Promise.race([reading, publishing]);
  isOver = true;
  await reading;
  await publishing;
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(new Set(seen).size).toBeGreaterThan(1);
  await expectExact();
});

it("fails where rows lie in a bucket that it does not list, and when its time is over", { timeout: 600_000 }, async () => {
  await clock.advance(13 * 3_600_000);
  await append(30);
  await lambda.caughtUp();
  await expect(rowsOf(`SELECT count(*) FROM ${at(all)}`)).rejects.toThrow(/millrace: view "everybody" of generation \d+: no bucket is listed of segment 1024\//);
  await merged.apply(never);
  await expectExact();
  const text = (await merged.texts(never)).find((each) => each.view === all.name) as { readonly sql: string };
  const hourAgo = Date.now() - 3_600_000;
  await rowsOf(text.sql.replace(/(?<=current_timestamp\) \* 1000e0 >= )\d+(?=e0 THEN fail)/, String(hourAgo)));
  await expect(rowsOf(`SELECT count(*) FROM ${at(all)}`)).rejects.toThrow(/millrace: view "everybody" of generation \d+: it ended at /);
  await merged.apply(never);
  await expectExact();
});

it("fails on a broken chain, whatever is asked of it", { timeout: 600_000 }, async () => {
  await clock.advance(320_000);
  await append(10);
  await clock.advance(320_000);
  await append(10);
  await lambda.caughtUp();
  const { fingerprint } = all.definition;
  const chained = (await store.readProgress(fingerprint, name, never)).filter(({ segment }) => segment.partition === 0).sort((a, b) => b.segment.first - a.segment.first);
  const { logVersion, partition, first } = chained[1]!.segment;
  await client.execute(
    `DELETE FROM ${name}.millrace_progress USING TIMESTAMP 9000000000000000000 WHERE fingerprint = ? AND topic = ? AND log_version = ? AND log_partition = ? AND segment = ? AND segment_end = -1`,
    [fingerprint, name, logVersion, partition, first], { prepare: true },
  );
  for (const filter of ["", " WHERE window_start < from_unixtime(0)", " WHERE orders < 0", " LIMIT 1"]) {
    await expect(rowsOf(`SELECT window_start, orders FROM ${at(all)}${filter}`), filter).rejects.toThrow(new RegExp(`millrace: view "everybody" of generation \\d+: the chain of partition 0 \\(log version ${logVersion}\\) is broken, or its rows have expired, from offset ${first} to \\d+`));
  }
  // Others have progress of their own.
  expect((await rowsOf(`SELECT count(*) FROM ${at(keys)}`)).length).toBe(1);
});
