import { ConfigResourceTypes, ConfigSource, Kafka, logLevel } from "kafkajs";
import type { Admin, Producer } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { EventLog } from "../ports/event-log.js";
import { eventLogConformance } from "../testing/event-log-conformance.js";
import { fromKafkajs } from "./from-kafkajs.js";
import { kafkaLog } from "./kafka-log.js";

const never = new AbortController().signal;
const bootstrap = inject("kafka").bootstrap;
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 10 } });
let admin: Admin;
/** Topics of one test, so that runs beside each other do not meet. */
let run = 0;
const fresh = (): string => `log-${process.pid}-${Date.now().toString(36)}-${run++}-`;

beforeAll(async () => {
  admin = kafka.admin();
  await admin.connect();
});
afterAll(() => admin.disconnect());

/** What kafkajs's own consumer sees of a partition: independent of how the log reads. */
async function readBack(topic: string, partition: number): Promise<readonly LogRecord[]> {
  // A topic may be known before its leader leads, and kafkajs does not wait for that.
  const offsets = await expect.poll(() => admin.fetchTopicOffsets(topic).catch(() => undefined)).toBeDefined().then(() => admin.fetchTopicOffsets(topic));
  const bounds = offsets.find((each) => each.partition === partition)!;
  const [low, high] = [Number(bounds.low), Number(bounds.high)];
  if (low === high) return [];
  const records: LogRecord[] = [];
  const groupId = `read-back-${topic}-${partition}-${Date.now()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    // A coordinator that is still loading its groups is asked again.
    consumer.on("consumer.crash", ({ payload }) => payload.restart || reject(payload.error));
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        if (batch.partition !== partition) return;
        for (const { offset, timestamp, key, value, headers } of batch.messages) {
          records.push({ offset: Number(offset), appendedAt: Number(timestamp), key, value, headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, bytes]) => [name, bytes as Buffer])) });
        }
        if (Number(batch.lastOffset()) >= high - 1) resolve();
      },
    });
  });
  await consumer.disconnect();
  return records;
}

async function recreate(topic: string, numPartitions = 1): Promise<void> {
  await admin.deleteTopics({ topics: [topic] });
  for (;;) {
    try {
      if (await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, configEntries: [{ name: "message.timestamp.type", value: "LogAppendTime" }] }] })) return;
    } catch {
      // The old one is still on its way out.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The log under names of topics of its own. */
function prefixed(log: EventLog, prefix: string): EventLog {
  const full = (topic: string): string => (/^[\w.-]+$/.test(topic) && topic.length < 200 && topic !== ".." ? `${prefix}${topic}` : topic);
  return {
    name: log.name,
    describe: async (topic, signal) => ({ ...(await log.describe(full(topic), signal)), topic }),
    topics: async (signal) => (await log.topics(signal)).filter((topic) => topic.startsWith(prefix)).map((topic) => topic.slice(prefix.length)),
    createTopic: (topic, options, signal) => log.createTopic(full(topic), options, signal),
    read: (request, signal) => log.read({ ...request, topic: full(request.topic) }, signal),
    offsetAt: (topic, ...rest) => log.offsetAt(full(topic), ...rest),
    append: (topic, records, signal) => log.append(full(topic), records, signal),
    close: () => log.close(),
  };
}

const texts = (count: number, from = 0): { partition: number; value: string }[] => Array.from({ length: count }, (_, i) => ({ partition: 0, value: `${from + i}` }));

async function readTo(log: EventLog, topic: string, from: number, end: number, partition = 0): Promise<RawBatch[]> {
  const batches: RawBatch[] = [];
  for await (const batch of log.read({ topic, partition, from }, never)) {
    batches.push(batch);
    if (batch.position >= end) break;
  }
  return batches;
}
const valuesOf = (batches: readonly RawBatch[]): string[] =>
  batches.flatMap((batch) => Array.from({ length: batch.length }, (_, i) => Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString()));

describe("a log", () => {
  eventLogConformance(it, async () => {
    const prefix = fresh();
    const options = { brokers: [bootstrap], topicSettings: { "max.message.bytes": String(8 * 2 ** 20) }, versionsTopic: `${prefix}versions` };
    // A fetch is one stored batch, so that what is read ahead is as little as a broker can give.
    const log = kafkaLog({ ...options, fetchBytes: 1 });
    return {
      log: prefixed(log, prefix),
      readBack: (topic, partition) => readBack(prefix + topic, partition),
      another: async () => prefixed(kafkaLog(options), prefix),
      passTime: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))),
      trim: async (topic, partition, below) => {
        await admin.fetchTopicOffsets(prefix + topic);
        await admin.deleteTopicRecords({ topic: prefix + topic, partitions: [{ partition, offset: String(below) }] });
      },
      recreate: (topic) => recreate(prefix + topic),
      dispose: () => log.close(),
    };
  });
});

describe("on a real broker", () => {
  let log: EventLog;
  let topic: string;
  let transactions: Producer;
  beforeAll(async () => {
    log = kafkaLog({ brokers: [bootstrap] });
    transactions = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: fresh(), retry: { initialRetryTime: 10, retries: 20 } });
    await transactions.connect();
  });
  afterAll(async () => {
    await transactions.disconnect();
    await log.close();
  });
  const made = async (partitions = 1): Promise<string> => {
    topic = `${fresh()}plays`;
    await log.createTopic(topic, { partitions }, never);
    return topic;
  };

  it("stamps topics that it makes itself", async () => {
    await made();
    const before = Date.now();
    await transactionOf(["a"], "commit");
    const [batch] = await readTo(log, topic, 0, 1);
    // The broker's time, of the append and not of the record's making, on one machine.
    expect(batch!.appendedAt[0]).toBeGreaterThanOrEqual(before - 1);
    expect((await log.describe(topic, never)).timestamps).toBe("append");
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ["message.timestamp.type"] }] });
    // Of the topic, whatever the broker's own is.
    expect(resources[0]!.configEntries).toMatchObject([{ configValue: "LogAppendTime", configSource: ConfigSource.TOPIC_CONFIG }]);
  });

  async function transactionOf(values: readonly string[], how: "commit" | "abort", ends = true): Promise<() => Promise<void>> {
    const transaction = await transactions.transaction();
    await transaction.send({ topic, messages: values.map((value) => ({ value, partition: 0, timestamp: "1000" })) });
    if (ends) await transaction[how]();
    return () => transaction[how]();
  }

  it("reads committed records alone, moves over control records, and ends where they end", async () => {
    await made();
    await log.append(topic, texts(2), never);
    await transactionOf(["rolled back", "rolled back"], "abort");
    await transactionOf(["2", "3"], "commit");
    await transactionOf(["rolled back"], "abort");
    // Two records, two rolled back and their marker, two and their marker, one rolled back and its marker, which comes late.
    const end = 10;
    await expect.poll(async () => (await log.describe(topic, never)).partitions[0]!.end).toBe(end);
    const batches = await readTo(log, topic, 0, end);
    expect(valuesOf(batches)).toEqual(["0", "1", "2", "3"]);
    expect(batches.flatMap(({ offsets }) => [...offsets])).toEqual([0, 1, 5, 6]);
    expect(batches.at(-1)).toMatchObject({ position: 10, end: 10 });
    // From in between, and from the end.
    expect(valuesOf(await readTo(log, topic, 3, end))).toEqual(["2", "3"]);
    expect(await readTo(log, topic, 7, end)).toMatchObject([{ length: 0, position: 10, end: 10 }]);
  });

  it("ends before an open transaction, and goes on once it is committed", async () => {
    await made();
    await log.append(topic, texts(2), never);
    const commit = await transactionOf(["2"], "commit", false);
    await log.append(topic, texts(1, 3), never);
    expect((await log.describe(topic, never)).partitions[0]!.end).toBe(2);
    const reading = log.read({ topic, partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    const first = (await reading.next()).value as RawBatch;
    expect([valuesOf([first]), first.position, first.end]).toEqual([["0", "1"], 2, 2]);
    await commit();
    const seen: RawBatch[] = [];
    while (valuesOf(seen).length < 2) seen.push((await reading.next()).value as RawBatch);
    expect(valuesOf(seen)).toEqual(["2", "3"]);
    await reading.return?.();
  });

  it("finds offsets by time over records that were rolled back", async () => {
    await made();
    await transactionOf(["rolled back"], "abort");
    // The broker writes the mark of a transaction's end after it has answered: the record may come before it.
    const [appended] = await log.append(topic, texts(1), never);
    await expect.poll(() => log.offsetAt(topic, 0, 0, never)).toBe(appended!.offset);
    await transactionOf(["rolled back"], "abort");
    // Three records and two marks.
    await expect.poll(async () => (await log.describe(topic, never)).partitions[0]!.end).toBe(5);
    expect(await log.offsetAt(topic, 0, Date.now() + 60_000, never)).toBe(5);
  });

  it("refuses a position of a topic that was deleted and created again, in a process that starts after it", async () => {
    await made();
    await log.append(topic, texts(3), never);
    const before = (await log.describe(topic, never)).partitions[0]!;
    await recreate(topic);
    const other = kafkaLog({ brokers: [bootstrap] });
    await expect(readTo(other, topic, 3, 3)).rejects.toThrow(OffsetBeyondEndError);
    expect((await other.describe(topic, never)).partitions[0]!.logVersion).toBeGreaterThan(before.logVersion);
    await other.close();
  });

  it("reads partitions that were added from their origin, and appends to them at once", async () => {
    await made();
    await log.append(topic, texts(1), never);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    for (;;) if ((await log.describe(topic, never)).partitions.length === 3) break;
    expect(await log.append(topic, [{ partition: 2, value: "new" }], never)).toEqual([{ partition: 2, offset: 0 }]);
    expect(valuesOf(await readTo(log, topic, 0, 1, 2))).toEqual(["new"]);
    expect((await log.describe(topic, never)).partitions.map(({ start, end }) => [start, end])).toEqual([[0, 1], [0, 0], [0, 1]]);
  });

  it("tells settings that matter, and gives the producers' times of a CreateTime topic, which may step back", async () => {
    await made();
    await admin.deleteTopics({ topics: [topic] });
    topic = `${topic}-create`;
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: 1, configEntries: Object.entries({ "cleanup.policy": "compact,delete", "retention.ms": "-1", "message.timestamp.type": "CreateTime" }).map(([name, value]) => ({ name, value })) }],
    });
    await expect.poll(() => log.describe(topic, never).catch(() => undefined)).toMatchObject({ timestamps: "create", retentionMs: null, compacted: true });
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const times = [1_780_000_005_000, 1_780_000_000_000, 1_780_000_700_000, 1_779_999_999_999];
    await producer.send({ topic, messages: times.map((timestamp, i) => ({ key: `${i}`, value: `${i}`, timestamp: String(timestamp) })) });
    await producer.disconnect();
    expect((await readTo(log, topic, 0, 4)).flatMap(({ appendedAt }) => [...appendedAt])).toEqual(times);
  });

  it("is told what is not there, and never gets records of another topic of that name", async () => {
    await made();
    await log.append(topic, texts(3), never);
    const client = fromKafkajs({ brokers: [bootstrap] });
    const fetcher = client.fetcher();
    const known = (await client.topic(topic, never))!;
    const request = { topic: known, partition: 0, offset: 2, epoch: 0, maxBytes: 1, maxWaitMs: 0 };
    expect(await fetcher.fetch(request, never)).toMatchObject({ kind: "records", length: 1, position: 3, end: 3, epoch: 0 });
    expect(await fetcher.fetch({ ...request, offset: 4, epoch: -1 }, never)).toEqual({ kind: "out-of-range" });
    expect(await fetcher.fetch({ ...request, offset: 4 }, never)).toEqual({ kind: "diverged", end: 3 });
    // Whatever was read is of an epoch that this log never had.
    expect(await fetcher.fetch({ ...request, epoch: 5 }, never)).toEqual({ kind: "out-of-range" });
    await recreate(topic);
    await log.append(topic, texts(9), never);
    expect(await fetcher.fetch(request, never)).toEqual({ kind: "moved" });
    fetcher.close();
    await client.close();
  });

  it("has nothing to say of records that are compressed but what is in them", async () => {
    await made();
    const zipped = kafkaLog({ client: fromKafkajs({ brokers: [bootstrap] }, { compression: "gzip" }) });
    await log.append(topic, texts(3), never);
    await zipped.append(topic, texts(500, 3), never);
    await log.append(topic, texts(2, 503), never);
    await zipped.close();
    expect(valuesOf(await readTo(log, topic, 0, 505))).toEqual(texts(505).map(({ value }) => value));
    expect(valuesOf(await readTo(log, topic, 250, 505))).toEqual(texts(255, 250).map(({ value }) => value));
  });

  it("ends a long poll as soon as its reading ends", async () => {
    await made();
    const slow = kafkaLog({ brokers: [bootstrap], maxWaitMs: 60_000 });
    const controller = new AbortController();
    const reading = slow.read({ topic, partition: 0, from: 0 }, controller.signal)[Symbol.asyncIterator]();
    await reading.next();
    const waiting = reading.next();
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await slow.close();
  });
});
