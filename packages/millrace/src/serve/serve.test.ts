import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { count, createLambda, decimal, defineStream, defineView, deliver, embedded, sum, text, timestamp, type Sink } from "millrace";
import { RemoteError, createClient } from "millrace/client";
import { maskSecrets } from "./mask-secrets.js";

const orders = defineStream({ topic: "orders", columns: { at: timestamp("iso"), shop: text().optional(), price: decimal(2) }, eventTime: "at", maxPastMs: null });
const sales = defineView({ name: "sales", from: orders, by: ["shop"], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price) }) });
const webhook: Sink<unknown> = { name: "webhook https://user:hunter2@example.org/in?token=abc", write: () => Promise.resolve(), close: () => Promise.resolve() };

/** No instant at which a segment ends comes while these tests run: behind a quiet end nothing can be compared yet. */
const DAY_MS = 86_400_000;
const lambdaIn = (dir: string) =>
  createLambda({ views: [sales], outputs: [deliver(orders, webhook)], platform: embedded(dir, { newTopicPartitions: 1 }), grid: { segmentOffsets: 3, segmentMs: DAY_MS }, sealGuardMs: 0, batchEveryMs: 3_600_000 });
const order = (minute: number, shop: string | null, price: number) => ({ at: new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString(), shop, price });
const day = { from: Date.UTC(2026, 2, 1), until: Date.UTC(2026, 2, 2) };

let dir: string;
let lambda: ReturnType<typeof lambdaIn>;
const stop = new AbortController();
let running: Promise<unknown>;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "millrace-serve-"));
  lambda = lambdaIn(dir);
  running = Promise.all([lambda.speed({ signal: stop.signal }), lambda.ingest({ signal: stop.signal })]);
  await lambda.append(orders, [order(0, "harbour", 12.5), order(0, "harbour", 30), order(1, null, 0.25), order(20, "station", 4.2)]);
  await lambda.append(orders, [`{ this is no order ${"é".repeat(5_000)}`]);
  await lambda.append(orders, [order(30, "station", 1)]);
  await lambda.caughtUp();
});
afterAll(async () => {
  stop.abort();
  await running;
  await lambda.close();
  await rm(dir, { recursive: true });
});

it("serves what the lambda answers, from one layer and from both", async () => {
  await using server = await lambda.serve({ port: 0 });
  const client = createClient<typeof lambda>(server.url);
  const query = { ...day, granularity: "hour", orderBy: "revenue desc", split: true } as const;
  const answer = await client.query(sales, query);
  expect(answer).toEqual(await lambda.query(sales, query));
  expect(answer.rows.map(({ shop, orders: n, split }) => [shop, n, split.orders])).toEqual([["harbour", 2, { batch: null, speed: 2 }], ["station", 2, { batch: null, speed: 2 }], [null, 1, { batch: null, speed: 1 }]]);

  // The first three records are a whole segment, and so are the second three once another follows: the cut lies between.
  await expect.poll(async () => (await lambda.batch.plan()).cut["orders"]?.[0]?.offset, { timeout: 20_000 }).toBeGreaterThan(0);
  await lambda.batch.run();
  const merged = await client.query(sales, query);
  expect(merged).toEqual(await lambda.query(sales, query));
  expect(merged.rows.map(({ window, shop, orders: n, revenue }) => [window, shop, n, revenue])).toEqual(answer.rows.map(({ window, shop, orders: n, revenue }) => [window, shop, n, revenue]));
  expect(merged.rows.map(({ split }) => split.orders).filter((part) => part!.batch !== null)).not.toEqual([]);

  const trust = await client.trust();
  expect(trust).toMatchObject({
    generation: { number: 1 },
    topics: [{ topic: "orders", complete: true, lag: 0, deadLetters: 1, views: [{ view: "sales", complete: true, missing: [] }], partitions: [{ partition: 0, log: { start: 0, end: 6 }, reach: 6, cut: merged.envelope.cut["orders"]![0]!.offset, complete: true }] }],
  });
  const generations = await client.generations();
  expect(generations).toMatchObject([{ number: 1, current: true, parent: null, kind: "incremental", cut: merged.envelope.cut, drift: [{ view: "sales", status: "none" }], tables: [{ name: "sales", kind: "view" }] }]);
  expect(generations[0]!.durationMs).toBeGreaterThan(0);
});

it("shows dead letters, cut at a stated length, and what is declared, without secrets", async () => {
  await using server = await lambda.serve({ port: 0 });
  const client = createClient<typeof lambda>(server.url);
  const { deadLetters, more } = await client.deadLetters({ topic: "orders", limit: 1 });
  expect(more).toBe(false);
  expect(deadLetters).toMatchObject([{ topic: "orders", partition: 0, offset: 4, reason: "undecodable", cut: true, valueBytes: 10_019 }]);
  expect(deadLetters[0]!.value).toBe(`{ this is no order ${"é".repeat(4_096 - 19)}`);
  const described = await client.describe();
  expect(described).toMatchObject({
    views: [{ name: "sales", topic: "orders", dimensions: [{ name: "shop", type: "text", nullable: true }], measures: [{ name: "orders", kind: "count" }, { name: "revenue", kind: "sum" }] }],
    streams: [{ topic: "orders", eventTime: "at", columns: [{ name: "at", type: "timestamp" }, { name: "shop", type: "text", nullable: true }, { name: "price", type: "decimal(2)", nullable: false }] }],
    outputs: [{ from: "orders", sink: "webhook https://***@example.org/in?token=***" }],
    platform: { log: "lmdb", store: "lmdb", files: "local", engine: "duckdb" },
  });
  expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({ status: "ready", checks: [{ name: "log orders", ok: true }, { name: "store orders", ok: true }, { name: "generation", ok: true }] });
});

it("masks what looks like a secret", () => {
  expect(maskSecrets("kafka://a:b@host:9092, password=x y, api_key: z, ok=1")).toBe("kafka://***@host:9092, password=*** y, api_key: ***, ok=1");
});

it("pushes what is appended to those who watch", async () => {
  await using server = await lambda.serve({ port: 0, pollMs: 20 });
  const client = createClient<typeof lambda>(server.url);
  const states: object[] = [];
  const watching = client.watch("sales", { ...day, by: [], granularity: "all" }).subscribe(({ rows }) => states.push(...rows));
  await expect.poll(() => states).toEqual([{ orders: 5, revenue: 47.95 }]);
  await lambda.append(orders, [order(40, "harbour", 2)]);
  await expect.poll(() => states.slice(1)).toEqual([{ orders: 6, revenue: 49.95 }]);
  await lambda.append(orders, [order(41, "harbour", 0.05)]);
  await expect.poll(() => states.slice(2)).toEqual([{ orders: 7, revenue: 50 }]);
  watching.unsubscribe();
});

it("is asked by its typed client, which tells refusals and states", async () => {
  const lines: string[] = [];
  const show = (text: string) => lines.push(text);
  // region client
  await using server = await lambda.serve({ port: 0 });
  const client = createClient<typeof lambda>(server.url);

  // Names, options and rows are typed from the lambda's views.
  const { rows, envelope } = await client.query("sales", { ...day, granularity: "hour", orderBy: "orders desc", limit: 1 });
  for (const { window, shop, orders, revenue } of rows) show(`${window.toISOString()} ${shop}: ${orders} orders, ${revenue}`);
  show(`complete: ${envelope.complete}`);

  // The same codes of errors as in the server's process.
  try {
    await client.query("sales", { ...day, zone: "Mars/Olympus" });
  } catch (error) {
    if (error instanceof RemoteError) for (const { path, message } of error.problem.problems ?? []) show(`${error.code} ${path}: ${message}`);
  }

  // Each state once, whatever happens to the connection.
  const watching = client.watch("sales", { ...day, by: [], granularity: "all" }).subscribe({
    next: ({ rows: [total] }) => show(`now ${total?.orders} orders`),
    error: (error: Error) => show(error.message),
  });
  // endregion
  await expect.poll(() => lines).toEqual([
    "2026-03-01T10:00:00.000Z harbour: 4 orders, 44.55",
    "complete: true",
    'QUERY zone: "Mars/Olympus" is not an IANA time zone such as "America/New_York"',
    "now 7 orders",
  ]);
  watching.unsubscribe();
});

it("ends with its signal, and with the lambda", async () => {
  const signal = new AbortController();
  const server = await lambda.serve({ port: 0, signal: signal.signal });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  signal.abort();
  await server.closed;
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  await server.close();

  const otherDir = await mkdtemp(path.join(tmpdir(), "millrace-serve-"));
  const other = lambdaIn(otherDir);
  const served = await other.serve({ port: 0 });
  // Nothing was ever written: neither topics nor views are there.
  const unready = await fetch(`${served.url}/readyz`);
  expect([unready.status, await unready.json()]).toMatchObject([503, { status: "not ready", checks: [{ name: "log orders", ok: false, detail: expect.stringContaining("orders") as string }, { ok: true }, { ok: true }] }]);
  const asked = await fetch(`${served.url}/api/views/sales/rows`);
  expect([asked.status, await asked.json()]).toMatchObject([503, { code: "UNKNOWN_TOPIC" }]);
  await other.close();
  await served.closed;
  await expect(lambda.serve({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "CONFIGURATION" });
  await rm(otherDir, { recursive: true });
});
