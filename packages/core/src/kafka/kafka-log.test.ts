import { afterEach, describe, expect, it, vi } from "vitest";
import { LogTrimmedError } from "../errors/log-trimmed-error.js";
import { MillraceError } from "../errors/millrace-error.js";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { EventLog } from "../ports/event-log.js";
import type { TelemetryEvent } from "../telemetry/telemetry-event.js";
import { eventLogConformance } from "../testing/event-log-conformance.js";
import { FakeKafka } from "./fake-kafka.js";
import { KafkaError } from "./kafka-error.js";
import { kafkaLog } from "./kafka-log.js";

const never = new AbortController().signal;
const away = (): KafkaError => new KafkaError("reading", "the broker is away", { retryable: true });
const texts = (count: number, from = 0): { value: string }[] => Array.from({ length: count }, (_, i) => ({ value: `${from + i}` }));

async function read(log: EventLog, topic: string, from: number, until: number): Promise<RawBatch[]> {
  const batches: RawBatch[] = [];
  for await (const batch of log.read({ topic, partition: 0, from }, never)) {
    batches.push(batch);
    if (batch.position >= until) break;
  }
  return batches;
}
const valuesOf = (batches: readonly RawBatch[]): string[] =>
  batches.flatMap((batch) => Array.from({ length: batch.length }, (_, i) => Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString()));

async function made(topic = "plays"): Promise<{ kafka: FakeKafka; log: EventLog; told: TelemetryEvent[] }> {
  const kafka = new FakeKafka();
  const told: TelemetryEvent[] = [];
  const log = kafkaLog({ client: kafka.client(), telemetry: (event) => told.push(event) });
  await log.createTopic(topic, { partitions: 1 }, never);
  return { kafka, log, told };
}

describe("kafkaLog on a client in memory", () => {
  eventLogConformance(it, async () => {
    const kafka = new FakeKafka();
    // One record a fetch: the smallest that a broker gives.
    const log = kafkaLog({ client: kafka.client(), fetchBytes: 1 });
    return {
      log,
      readBack: async (topic, partition) => kafka.records(topic, partition),
      another: async () => kafkaLog({ client: kafka.client() }),
      passTime: async (ms) => void (kafka.now += ms),
      trim: async (topic, partition, below) => kafka.trim(topic, partition, below),
      recreate: async (topic) => kafka.recreate(topic),
      dispose: () => log.close(),
    };
  });
});

afterEach(() => void vi.useRealTimers());

/** Lets `work` wait as long as it wants, within no time. */
async function inNoTime<T>(work: Promise<T>): Promise<T> {
  let settled = false;
  const ended = work.finally(() => (settled = true));
  ended.catch(() => {});
  while (!settled) await vi.advanceTimersByTimeAsync(500);
  return ended;
}

describe("a reading", () => {
  it("goes on at the next offset after errors and moved leaders, each record once", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(5));
    kafka.disturb({ kind: "moved" }, away(), { kind: "moved" });
    const reading = log.read({ topic: "plays", partition: 0, from: 0, maxRecords: 2 }, never)[Symbol.asyncIterator]();
    const seen: RawBatch[] = [(await reading.next()).value as RawBatch];
    kafka.lead("plays", 0, 2);
    kafka.append("plays", 0, texts(5, 5));
    while (seen.at(-1)!.position < 10) seen.push((await reading.next()).value as RawBatch);
    expect(valuesOf(seen)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    await reading.return?.();
  });

  it("passes an error that no repetition mends", async () => {
    const { kafka, log } = await made();
    kafka.disturb(new KafkaError("reading", "not allowed", { retryable: false, kafkaCode: "TOPIC_AUTHORIZATION_FAILED" }));
    await expect(read(log, "plays", 0, 1)).rejects.toThrow("not allowed");
  });

  it("moves over offsets without records, and ends where they end", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(2));
    kafka.skip("plays", 0, 3);
    const [batch] = await read(log, "plays", 0, 5);
    expect([batch!.length, batch!.position, batch!.end]).toEqual([2, 5, 5]);
    kafka.skip("plays", 0, 2);
    const [empty] = await read(log, "plays", 5, 7);
    expect([empty!.length, empty!.position, empty!.end]).toEqual([0, 7, 7]);
  });

  it("ends before an open transaction, and goes on when it has ended", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(4));
    kafka.holdAt("plays", 0, 2);
    expect((await log.describe("plays", never)).partitions[0]).toMatchObject({ start: 0, end: 2 });
    const reading = log.read({ topic: "plays", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    const first = (await reading.next()).value as RawBatch;
    expect([valuesOf([first]), first.position, first.end]).toEqual([["0", "1"], 2, 2]);
    kafka.holdAt("plays", 0, undefined);
    let next = (await reading.next()).value as RawBatch;
    if (next.length === 0) next = (await reading.next()).value as RawBatch;
    expect([valuesOf([next]), next.position, next.end]).toEqual([["2", "3"], 4, 4]);
    await reading.return?.();
  });

  it("refuses what was truncated by an unclean election, also when the log has grown past the position since", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(6));
    const reading = log.read({ topic: "plays", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    await reading.next();
    kafka.truncate("plays", 0, 4);
    kafka.append("plays", 0, texts(10, 100));
    await expect(reading.next()).rejects.toThrow(OffsetBeyondEndError);
  });

  it("waits while a leader refuses a position that it has, and gives up when it does so for long", async () => {
    vi.useFakeTimers();
    const { kafka, log } = await made();
    await log.describe("plays", never);
    kafka.append("plays", 0, texts(3));
    kafka.disturb({ kind: "out-of-range" }, { kind: "out-of-range" });
    expect(valuesOf(await inNoTime(read(log, "plays", 0, 3)))).toEqual(["0", "1", "2"]);
    kafka.disturb(...Array.from({ length: 50 }, () => ({ kind: "out-of-range" }) as const));
    await expect(inNoTime(read(log, "plays", 0, 3))).rejects.toThrow(OffsetBeyondEndError);
  });

  it("refuses a topic that was deleted and created again between two readings", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(6));
    const before = (await log.describe("plays", never)).partitions[0]!;
    kafka.recreate("plays");
    kafka.append("plays", 0, texts(9));
    const other = kafkaLog({ client: kafka.client() });
    const after = (await other.describe("plays", never)).partitions[0]!;
    expect(after.logVersion).toBe(before.logVersion + 1);
    expect((await log.describe("plays", never)).partitions[0]!.logVersion).toBe(after.logVersion);
  });

  it("asks of a topic for which it was given a log version nothing more", async () => {
    const { kafka } = await made();
    const log = kafkaLog({ client: kafka.client(), logVersions: { plays: 2_000 } });
    expect((await log.describe("plays", never)).partitions[0]!.logVersion).toBe(2_000);
    expect((await kafka.client().topics(never)).map(({ name }) => name)).toEqual(["plays"]);
  });

  it("ends with an UnknownTopicError when its topic is deleted", async () => {
    vi.useFakeTimers();
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(1));
    const reading = log.read({ topic: "plays", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    await reading.next();
    kafka.delete("plays");
    await expect(inNoTime(reading.next())).rejects.toThrow(UnknownTopicError);
  });

  it("tells both offsets when retention was faster", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(9));
    kafka.trim("plays", 0, 7);
    await expect(read(log, "plays", 3, 9)).rejects.toThrow(LogTrimmedError);
    await expect(read(log, "plays", 3, 9)).rejects.toMatchObject({ from: 3, start: 7, retryable: false });
  });

  it("gives the broker's times as they are, also where a leader's clock is behind", async () => {
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(2));
    kafka.now -= 5_000;
    kafka.lead("plays", 0, 3);
    kafka.append("plays", 0, texts(2, 2));
    const [first, second] = [1_780_000_000_000, 1_779_999_995_000];
    const times = (await read(log, "plays", 0, 4)).flatMap(({ appendedAt }) => [...appendedAt]);
    expect(times).toEqual([first, first, second, second]);
    expect(await log.offsetAt("plays", 0, second, never)).toBe(0);
  });

  it("reads ahead one fetch, however long its batches are left alone", async () => {
    const { kafka } = await made();
    const log = kafkaLog({ client: kafka.client(), fetchBytes: 10 });
    kafka.append("plays", 0, texts(1_000));
    const reading = log.read({ topic: "plays", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
    await log.describe("plays", never);
    kafka.fetches = 0;
    await reading.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(kafka.fetches).toBe(2);
    await reading.return?.();
  });

  it("fetches no more once it has ended, nor does a look for an offset by time", async () => {
    vi.useFakeTimers();
    const { kafka, log } = await made();
    kafka.append("plays", 0, texts(3));
    for await (const batch of log.read({ topic: "plays", partition: 0, from: 0 }, never)) {
      expect(batch.length).toBe(3);
      kafka.lead("plays", 0, 2);
      break;
    }
    expect(await log.offsetAt("plays", 0, 0, never)).toBe(0);
    kafka.lead("plays", 0, 1);
    await vi.advanceTimersByTimeAsync(1_000);
    const { fetches } = kafka;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kafka.fetches).toBe(fetches);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells when brokers are away for long, once, and when they are back", async () => {
    vi.useFakeTimers();
    const { kafka, log, told } = await made();
    await log.describe("plays", never);
    kafka.disturb(...Array.from({ length: 11 }, away));
    kafka.append("plays", 0, texts(1));
    await inNoTime(read(log, "plays", 0, 1));
    expect(told.map((event) => event.type === "Warning" && event.code)).toEqual(["KAFKA_AWAY", "KAFKA_BACK"]);
  });
});

describe("a description", () => {
  it("reads stamps, retention and compaction from the topic's settings", async () => {
    const { kafka, log, told } = await made();
    expect(await log.describe("plays", never)).toMatchObject({ timestamps: "append", retentionMs: 604_800_000, compacted: false });
    kafka.set("plays", "message.timestamp.type", "CreateTime");
    kafka.set("plays", "retention.ms", "-1");
    kafka.set("plays", "cleanup.policy", "compact,delete");
    expect(await log.describe("plays", never)).toMatchObject({ timestamps: "create", retentionMs: null, compacted: true });
    expect(told).toEqual([]);
    kafka.set("plays", "retention.bytes", "1000");
    await log.describe("plays", never);
    await log.describe("plays", never);
    expect(told).toMatchObject([{ type: "Warning", code: "KAFKA_RETENTION_BYTES" }]);
  });
});

describe("an append", () => {
  it("is cut into halves where the topic takes less at once, and refuses a record that is too large alone", async () => {
    const { kafka, log } = await made();
    kafka.set("plays", "max.message.bytes", "20");
    const appended = await log.append("plays", Array.from({ length: 9 }, (_, i) => ({ value: `${i}`.repeat(6) })), never);
    expect(appended.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const refused = log.append("plays", [{ value: "small" }, { value: "x".repeat(21) }], never);
    await expect(refused).rejects.toThrow("appending record 1");
    await expect(refused).rejects.toBeInstanceOf(MillraceError);
  });
});
