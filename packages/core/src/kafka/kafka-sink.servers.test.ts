import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKafka } from "@millrace/servers";
import type { RunningKafka } from "@millrace/servers";
import type { SinkBatch } from "../ports/sink.js";
import { sinkConformance } from "../testing/sink-conformance.js";
import { kafkaLog } from "./kafka-log.js";
import { kafkaSink } from "./kafka-sink.js";

interface Row {
  readonly n: number;
  readonly text: string;
}

const never = new AbortController().signal;
let kafka: RunningKafka;
let run = 0;

// A broker of its own, because it is hurt.
beforeAll(async () => {
  kafka = await startKafka();
});
afterAll(() => kafka?.stop());

async function topicOf(partitions: number): Promise<string> {
  const topic = `rows-${run++}`;
  const log = kafkaLog({ brokers: [kafka.bootstrap], topicSettings: { "max.message.bytes": String(4 * 2 ** 20) } });
  await log.createTopic(topic, { partitions }, never);
  await log.close();
  return topic;
}

interface Written {
  readonly partition: number;
  readonly key: string | null;
  readonly row: Row;
  readonly batch: string;
  readonly index: string;
}

/** What a consumer of kafkajs with `read_committed` sees. */
async function readBack(topic: string): Promise<Written[]> {
  const client = new Kafka({ brokers: [kafka.bootstrap], logLevel: logLevel.NOTHING });
  const log = kafkaLog({ client });
  const written: Written[] = [];
  for (const { partition, end } of (await log.describe(topic, never)).partitions) {
    for await (const { length, data, valueStart, valueEnd, keyStart, keyEnd, headers, position } of log.read({ topic, partition, from: 0 }, never)) {
      for (let i = 0; i < length; i++) {
        const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
        written.push({
          partition,
          key: keyStart && keyStart[i]! >= 0 ? text(data.subarray(keyStart[i], keyEnd![i])) : null,
          row: JSON.parse(text(data.subarray(valueStart[i], valueEnd[i]))) as Row,
          batch: text(headers![i]!["millrace-batch"]!),
          index: text(headers![i]!["millrace-index"]!),
        });
      }
      if (position >= end) break;
    }
  }
  await log.close();
  return written;
}

describe("kafkaSink", () => {
  sinkConformance<Row>(it, async () => {
    const topic = await topicOf(2);
    const open = (): ReturnType<typeof kafkaSink<Row>> => kafkaSink<Row>({ brokers: [kafka.bootstrap], topic, name: topic });
    return {
      sink: open(),
      row: (n, large) => ({ n, text: large === true ? "x".repeat(1e6) : `row ${n}` }),
      readBack: async () => (await readBack(topic)).map(({ row }) => row),
      reopen: async () => open(),
      limitMs: 60_000,
      disturb: async (how) => {
        const [broker] = kafka.brokers;
        if (how === "hangs") {
          broker!.pause();
          return async () => broker!.resume();
        }
        await broker!.kill();
        return () => broker!.start();
      },
    };
  });

  const batchOf = (from: number, rows: readonly Row[]): SinkBatch<Row> => ({ id: `plays/v1024-p0/${from}`, topic: "plays", logVersion: 1_024, partition: 0, from, until: from + rows.length, rows });
  const rows = (from: number, count: number): Row[] => Array.from({ length: count }, (_, i) => ({ n: from + i, text: `user ${(from + i) % 3}` }));

  it("keeps the rows of a key in their order in one partition, and says of each row which batch it is of", async () => {
    const topic = await topicOf(3);
    const sink = kafkaSink<Row>({ brokers: [kafka.bootstrap], topic, key: ({ text }) => text });
    await sink.write(batchOf(0, rows(0, 30)), never);
    await sink.write(batchOf(30, rows(30, 30)), never);
    await sink.close();
    const written = await readBack(topic);
    expect(written.length).toBe(60);
    for (const user of ["user 0", "user 1", "user 2"]) {
      const own = written.filter(({ key }) => key === user);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own.map(({ row }) => row.n)).toEqual(rows(0, 60).filter(({ text }) => text === user).map(({ n }) => n));
    }
    for (const { row, batch, index } of written) expect([batch, index]).toEqual(row.n < 30 ? ["plays/v1024-p0/0", String(row.n)] : ["plays/v1024-p0/30", String(row.n - 30)]);
  });

  it("one copy though two processes write the same batches at the same time", async () => {
    const topic = await topicOf(2);
    const write = async (): Promise<void> => {
      const sink = kafkaSink<Row>({ brokers: [kafka.bootstrap], topic });
      for (let from = 0; from < 100; from += 10) {
        for (;;) {
          try {
            await sink.write(batchOf(from, rows(from, 10)), never);
            break;
          } catch (error) {
            expect(error, String(error)).toMatchObject({ name: "SinkWriteError", retryable: true });
          }
        }
      }
      await sink.close();
    };
    await Promise.all([write(), write()]);
    expect((await readBack(topic)).map(({ row }) => row.n).sort((a, b) => a - b)).toEqual(rows(0, 100).map(({ n }) => n));
  });

  it("names a topic that is not there", async () => {
    const sink = kafkaSink<Row>({ brokers: [kafka.bootstrap], topic: "nowhere" });
    await expect(sink.write(batchOf(0, rows(0, 1)), never)).rejects.toThrow("nowhere");
    await sink.close();
  });
});
