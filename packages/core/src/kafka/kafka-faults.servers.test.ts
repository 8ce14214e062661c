import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKafka } from "@millrace/servers";
import type { RunningKafka } from "@millrace/servers";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { EventLog } from "../ports/event-log.js";
import { fromKafkajs } from "./from-kafkajs.js";
import { KafkaError } from "./kafka-error.js";
import { kafkaLog } from "./kafka-log.js";

const never = new AbortController().signal;
const valuesOf = ({ length, data, valueStart, valueEnd }: RawBatch): string[] =>
  Array.from({ length }, (_, i) => Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString());

async function readTo(log: EventLog, topic: string, partition: number, end: number): Promise<string[]> {
  const values: string[] = [];
  for await (const batch of log.read({ topic, partition, from: 0 }, never)) {
    values.push(...valuesOf(batch));
    if (batch.position >= end) break;
  }
  return values;
}

/** Appends numbers to three partitions until stopped, in appends of all three, and remembers what was acknowledged. */
function appending(log: EventLog, topic: string): { readonly acknowledged: string[][]; stop(): Promise<void> } {
  const acknowledged: string[][] = [[], [], []];
  let stopped = false;
  const done = (async () => {
    for (let n = 0; !stopped; n += 10) {
      const records = Array.from({ length: 30 }, (_, i) => ({ partition: i % 3, value: `${n + Math.floor(i / 3)}` }));
      const appended = await log.append(topic, records, never);
      appended.forEach(({ partition, offset }, i) => {
        expect(offset, "offsets follow each other").toBe(acknowledged[partition]!.length);
        acknowledged[partition]!.push(records[i]!.value);
      });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  })();
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await done;
    },
  };
}

/** Follows three partitions. */
function following(log: EventLog, topic: string): { readonly seen: string[][]; readonly ends: number[]; stop(): Promise<void> } {
  const seen: string[][] = [[], [], []];
  const ends = [0, 0, 0];
  const controller = new AbortController();
  const readings = seen.map(async (values, partition) => {
    for await (const batch of log.read({ topic, partition, from: 0 }, controller.signal)) {
      values.push(...valuesOf(batch));
      ends[partition] = batch.position;
    }
  });
  return {
    seen,
    ends,
    async stop() {
      controller.abort(new Error("stopped"));
      for (const outcome of await Promise.allSettled(readings)) expect(outcome).toMatchObject({ status: "rejected", reason: { message: "stopped" } });
    },
  };
}

describe("three brokers", () => {
  let kafka: RunningKafka;
  let log: EventLog;
  beforeAll(async () => {
    kafka = await startKafka({ brokers: 3 });
    log = kafkaLog({ brokers: kafka.bootstrap.split(",") });
  });
  afterAll(async () => {
    await log?.close();
    await kafka?.stop();
  });

  it("topics can be described, appended to and read as soon as they are made", async () => {
    for (let i = 0; i < 5; i++) {
      const topic = `new-${i}`;
      await log.createTopic(topic, { partitions: 3 }, never);
      const other = kafkaLog({ brokers: kafka.bootstrap.split(",").reverse() });
      expect((await other.describe(topic, never)).partitions).toMatchObject([{ start: 0, end: 0 }, { start: 0, end: 0 }, { start: 0, end: 0 }]);
      await other.append(topic, [0, 1, 2].map((partition) => ({ partition, value: "first" })), never);
      for (const partition of [0, 1, 2]) expect(await readTo(log, topic, partition, 1)).toEqual(["first"]);
      await other.close();
    }
  });

  it("kill -9 of leaders while appending and reading: each acknowledged record once, in order", async () => {
    await log.createTopic("faults", { partitions: 3 }, never);
    const admin = new Kafka({ brokers: kafka.bootstrap.split(","), logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 1_000 } }).admin();
    await admin.connect();
    const producer = appending(log, "faults");
    const reader = following(log, "faults");
    const grown = async (by: number): Promise<void> => {
      const aims = reader.ends.map((end) => end + by);
      await expect.poll(() => reader.ends.every((end, i) => end >= aims[i]!)).toBe(true);
    };
    await grown(200);
    for (const partition of [0, 1]) {
      const { topics } = await admin.fetchTopicMetadata({ topics: ["faults"] });
      const leader = topics[0]!.partitions.find(({ partitionId }) => partitionId === partition)!.leader;
      const broker = kafka.brokers.find(({ id }) => id === leader)!;
      await broker.kill();
      await grown(200);
      await broker.start();
      await grown(200);
      await expect.poll(async () => (await admin.fetchTopicMetadata({ topics: ["faults"] })).topics[0]!.partitions.every(({ isr }) => isr.length === 3)).toBe(true);
    }
    // It stands still with its connections open: nothing tells but time.
    const { topics } = await admin.fetchTopicMetadata({ topics: ["faults"] });
    const frozen = kafka.brokers.find(({ id }) => id === topics[0]!.partitions[0]!.leader)!;
    frozen.pause();
    await grown(200);
    frozen.resume();
    await grown(200);
    await producer.stop();
    await expect.poll(() => reader.ends.every((end, i) => end >= producer.acknowledged[i]!.length)).toBe(true);
    await reader.stop();
    expect(reader.seen).toEqual(producer.acknowledged);
    const ends = (await admin.fetchTopicOffsets("faults")).sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high));
    expect(ends).toEqual(producer.acknowledged.map(({ length }) => length));
    await admin.disconnect();
  });
});

describe("one broker", () => {
  it("that is away is waited for, and one whose log was cut off is refused", async () => {
    await using kafka = await startKafka();
    const [broker] = kafka.brokers;
    const log = kafkaLog({ brokers: [kafka.bootstrap] });
    await log.createTopic("away", { partitions: 1 }, never);
    await log.append("away", Array.from({ length: 5 }, (_, i) => ({ value: `${i}` })), never);
    const reading = log.read({ topic: "away", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    expect(valuesOf((await reading.next()).value as RawBatch)).toEqual(["0", "1", "2", "3", "4"]);

    await broker!.kill();
    const appended = log.append("away", [{ value: "5" }], never);
    await broker!.start();
    expect(await appended).toEqual([{ partition: 0, offset: 5 }]);
    let batch = (await reading.next()).value as RawBatch;
    while (batch.length === 0) batch = (await reading.next()).value as RawBatch;
    expect(valuesOf(batch)).toEqual(["5"]);

    // The log has a second epoch now, from offset 5 on. Whoever read offset 5 in the first one read what was cut off since.
    const client = fromKafkajs({ brokers: [kafka.bootstrap] });
    const fetcher = client.fetcher();
    const topic = (await client.topic("away", never))!;
    expect(await fetcher.fetch({ topic, partition: 0, offset: 6, epoch: 0, maxBytes: 1, maxWaitMs: 0 }, never)).toEqual({ kind: "diverged", end: 5 });
    await client.close();

    await broker!.stop();
    for (const folder of await foldersOf(kafka.runDir, "away-0")) await rm(folder, { recursive: true });
    await broker!.start();
    await expect((async () => { for (;;) await reading.next(); })()).rejects.toThrow(OffsetBeyondEndError);
    await log.close();
  });
});

async function foldersOf(dir: string, name: string): Promise<string[]> {
  const found = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isDirectory() && entry.name === name);
  expect(found.length).toBeGreaterThan(0);
  return found.map((entry) => path.join(entry.parentPath, entry.name));
}

describe("secured listeners", () => {
  it.each(["plain", "scram-sha-512"] as const)("SASL %s over TLS: settings are passed on as they are, and a wrong password is an error that says so", async (sasl) => {
    await using kafka = await startKafka({ listeners: { sasl, tls: true } });
    const settings = { brokers: kafka.bootstrap.split(","), ssl: { ca: kafka.tls!.ca }, sasl: kafka.sasl! as never };
    const log = kafkaLog({ client: settings });
    await log.createTopic("secured", { partitions: 2 }, never);
    await log.append("secured", [{ partition: 1, value: "seen" }], never);
    expect(await readTo(log, "secured", 1, 1)).toEqual(["seen"]);
    await log.close();

    const stranger = kafkaLog({ client: { ...settings, sasl: { ...kafka.sasl!, password: "wrong" } as never } });
    const refused = stranger.describe("secured", never);
    await expect(refused).rejects.toThrow(KafkaError);
    await expect(refused).rejects.toMatchObject({ retryable: false, advice: "check mechanism, user and password of `sasl`" });
    await stranger.close();

    // A Kafka object that somebody else made.
    const shared = kafkaLog({ client: new Kafka({ ...settings, logLevel: logLevel.NOTHING }) });
    expect(await readTo(shared, "secured", 1, 1)).toEqual(["seen"]);
    await shared.close();
  });
});
