import { lambdaLaws } from "@millrace/core/testing";
import avro from "avsc";
import { count, decimal, decodeBatch, createEventDecoder, defineStream, defineView, deliver, int64, planStreams, rawBatchOf, sum, text, timestamp, UnavailableError } from "millrace";
import { memorySink } from "@millrace/core/memory";
import { testLambda } from "millrace/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { avroDecoder } from "./avro-decoder.js";
import { schemaRegistry } from "./schema-registry.js";
import { registryServer } from "./testing/registry-server.js";

const first = { type: "record", name: "Order", fields: [{ name: "at", type: { type: "long", logicalType: "timestamp-millis" } }, { name: "shop", type: "string" }, { name: "price", type: "int" }] } as const;
/** A field has moved, one is new, and the price has become a decimal. */
const second = {
  type: "record",
  name: "Order",
  fields: [
    { name: "price", type: { type: "bytes", logicalType: "decimal", precision: 18, scale: 2 } },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "shop", type: "string" },
    { name: "user", type: ["null", "long"], default: null },
  ],
} as const;
const SCHEMAS = { 7: first, 700_001: second, 8: "PROTOBUF", 9: { type: "no such type" } };

/** As producers write: with the library's own types, which know nothing of the decoder's. */
const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => Buffer.from(BigInt64Array.of(value).buffer),
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: () => 0,
});
const writers = { 7: avro.Type.forSchema(first as unknown as avro.Schema), 700_001: avro.Type.forSchema(second as unknown as avro.Schema, { registry: { long }, wrapUnions: true }) };
const framed = (id: number, body: Uint8Array): Uint8Array => {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Uint8Array.from(Buffer.concat([header, body]));
};
const order = (at: number, shop: string, price: number) => framed(7, writers[7].toBuffer({ at, shop, price }));
const newOrder = (at: number, shop: string, cents: Buffer, user: bigint | null) => framed(700_001, writers[700_001].toBuffer({ at, shop, price: cents, user: user === null ? null : { long: user } }));

const orders = (url: string) =>
  // region stream
  defineStream({
    topic: "orders",
    columns: { at: timestamp("ms"), shop: text(), price: decimal(2, "string"), user: int64("bigint").optional() },
    eventTime: "at",
    decode: avroDecoder(schemaRegistry(url)),
  });
// endregion

const salesOf = (url: string) => defineView({ name: "sales", from: orders(url), by: ["shop"], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price) }) });

let registry: Awaited<ReturnType<typeof registryServer>>;
beforeAll(async () => {
  registry = await registryServer(SCHEMAS);
});
afterAll(() => registry.close());

const NOW = Date.UTC(2026, 0, 1, 0, 0, 30);
const { signal } = new AbortController();

describe("avroDecoder", () => {
  // region laws
  const at = fc.integer({ min: NOW - 600_000, max: NOW });
  const cents = fc.constantFrom(Buffer.from([0]), Buffer.from([0x7f, 0xff]), Buffer.from([0xff]), Buffer.alloc(0));
  const value = fc.oneof(
    fc.tuple(at, fc.constantFrom("harbour", "station"), fc.integer({ min: 0, max: 99 })).map((fields) => order(...fields)),
    fc.tuple(at, fc.constantFrom("harbour", "station"), cents, fc.constantFrom(null, 2n ** 60n)).map((fields) => newOrder(...fields)),
    fc.uint8Array({ maxLength: 20 }),
    fc.constant(framed(3, Buffer.alloc(9))),
  );
  lambdaLaws(it, {
    create: async ({ maxInFlight }) => (await testLambda({ views: [salesOf(registry.url)], grid: { segmentOffsets: 20, segmentMs: 60_000 }, sealGuardMs: 5_000, maxInFlight })).subject(),
    records: fc.record({ topic: fc.constant("orders"), partition: fc.nat(1), value }),
    runs: 4,
  });
  // endregion

  const decoded = async (...values: readonly Uint8Array[]) => {
    const [plan] = planStreams([], [orders(registry.url).definition]);
    const batch = await decodeBatch(createEventDecoder(plan!), rawBatchOf({ topic: "orders", logVersion: 1_024, partition: 0 }, values.map((each, offset) => ({ offset, appendedAt: NOW, value: each }))), signal);
    return { rows: [...batch.rows], deadLetters: batch.deadLetters.map(({ reason, detail }) => `${reason}: ${detail}`) };
  };

  it("reads each record by the schema it was written with, exactly", async () => {
    expect(await decoded(order(NOW, "harbour", 12), newOrder(NOW, "station", Buffer.from([0xfb, 0x2e]), 2n ** 60n + 1n), newOrder(NOW, "", Buffer.from([0x0d, 0xe0, 0xb6, 0xb3, 0xa7, 0x63, 0xff, 0xff]), null))).toEqual({
      rows: [
        { at: new Date(NOW), shop: "harbour", price: "12.00", user: null },
        { at: new Date(NOW), shop: "station", price: "-12.34", user: 2n ** 60n + 1n },
        { at: new Date(NOW), shop: "", price: "9999999999999999.99", user: null },
      ],
      deadLetters: [],
    });
  });

  it("makes a dead letter with its reason of everything else", async () => {
    const whole = order(NOW, "harbour", 12);
    const { rows, deadLetters } = await decoded(
      Uint8Array.of(),
      whole.subarray(0, 4),
      Uint8Array.from([1, ...whole.subarray(1)]),
      new TextEncoder().encode('{"at":1}'),
      whole.subarray(0, whole.length - 1),
      Uint8Array.from([...whole, 0]),
      framed(3, whole.subarray(5)),
      framed(0xffff_ffff, whole.subarray(5)),
      framed(8, whole.subarray(5)),
      framed(9, whole.subarray(5)),
      whole,
    );
    expect(rows.length).toBe(1);
    expect(deadLetters).toEqual([
      "undecodable: decoding failed: the record has 0 bytes, but magic byte and schema id are 5",
      "undecodable: decoding failed: the record has 4 bytes, but magic byte and schema id are 5",
      "undecodable: decoding failed: the record begins with 1, but the magic byte is 0",
      "undecodable: decoding failed: the record begins with 123, but the magic byte is 0",
      "undecodable: decoding failed: the record is not as schema 7 says: truncated buffer",
      "undecodable: decoding failed: the record is not as schema 7 says: trailing data",
      "undecodable: decoding failed: the registry has no Avro schema 3",
      "undecodable: decoding failed: the registry has no Avro schema 4294967295",
      "undecodable: decoding failed: the registry has no Avro schema 8",
      'undecodable: decoding failed: schema 9 cannot be used: unknown type: "no such type"',
    ]);
  });

  it("asks for each schema once, a missing one as well", async () => {
    const { asked } = registry;
    asked.length = 0;
    const decoder = avroDecoder(schemaRegistry(registry.url));
    const values = [order(NOW, "a", 1), newOrder(NOW, "a", Buffer.alloc(0), null), framed(3, Buffer.alloc(0)), Uint8Array.of(0, 0), order(NOW, "b", 1)];
    for (let i = 0; i < 3; i++) await decoder.prepare(values, signal);
    expect(asked).toEqual([7, 700_001, 3]);
  });
});

it("waits for a registry that is away, and loses nothing", { timeout: 30_000 }, async () => {
  const away = await registryServer(SCHEMAS);
  onTestFinished(() => away.close());
  const sink = memorySink<object>();
  const stream = orders(away.url);
  const sales = defineView({ name: "sales", from: stream, by: [], every: "minute", measures: (c) => ({ orders: count(), revenue: sum(c.price) }) });
  await using test = await testLambda({ views: [sales], outputs: [deliver(stream, sink)], grid: { segmentOffsets: 100, segmentMs: 60_000 }, sealGuardMs: 5_000, partitions: 1 });
  const range = { from: new Date(NOW - 3_600_000), until: new Date(NOW + 3_600_000), granularity: "all" } as const;
  const retried: unknown[] = [];
  test.lambda.observe((event) => event.type === "RetryScheduled" && retried.push(event.error));
  const deadLetters: unknown[] = [];
  test.lambda.observe((event) => event.type === "DeadLettersFound" && deadLetters.push(event));

  await away.stop();
  await test.events(stream, [order(NOW, "harbour", 12), order(NOW, "station", 30)]);
  while (retried.length < 6) await test.advance("1 second");
  expect(retried.every((error) => error instanceof UnavailableError)).toBe(true);
  expect(test.lambda.layers.speed().status().partitions.map(({ durableUntil, deadLetters }) => [durableUntil, deadLetters])).toEqual([[0, 0]]);

  away.fail(3);
  await away.start();
  await test.events(stream, [newOrder(NOW, "harbour", Buffer.from([100]), 1n)]);
  await test.expectAnswer(sales, range, [{ orders: 3, revenue: "43.00" }]);
  await test.advance("3 minutes");
  await test.publish();
  await test.expectAnswer(sales, range, [{ orders: 3, revenue: "43.00" }]);
  expect((await test.query(sales, range)).envelope.generation).toBe(1);
  await test.events(stream, [order(NOW, "seals the sink's batch", 1)]);
  while (sink.rows.length < 3) await test.advance("1 second");
  expect(sink.rows.map((row) => (row as { price: string }).price)).toEqual(["12.00", "30.00", "1.00"]);
  expect(deadLetters).toEqual([]);
});

describe("schemaRegistry", () => {
  it("tells a schema that does not exist from a registry that does not answer, and from what is no registry", async () => {
    const server = await registryServer(SCHEMAS);
    onTestFinished(() => server.close());
    const ask = schemaRegistry(server.url);
    expect(await ask(3, signal)).toBe(null);
    server.fail(1);
    await expect(ask(7, signal)).rejects.toMatchObject({ name: "UnavailableError", retryable: true, message: `asking the schema registry ${new URL(server.url).host} for schema 7: it answered 503` });
    const wrong: unknown = await schemaRegistry(`${server.url}/v1`)(7, signal).catch((error: unknown) => error);
    expect(wrong).not.toBeInstanceOf(UnavailableError);
    expect(String(wrong)).toContain("it answered 404, which is no schema");
    await expect(ask(7, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    await server.stop();
    await expect(ask(7, signal)).rejects.toMatchObject({ name: "UnavailableError", retryable: true });
  });
});
