import type { Kafka, KafkaConfig } from "kafkajs";
import { eitherSignal } from "../delivery/either-signal.js";
import { orAborted } from "../delivery/or-aborted.js";
import { whileOpen } from "../delivery/while-open.js";
import { ClosedError } from "../errors/closed-error.js";
import { InvalidRecordError } from "../errors/invalid-record-error.js";
import { checkTopic } from "../errors/invalid-topic-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import { keyHashPartitioner } from "../log/partitioner.js";
import type { NewRecord } from "../log/raw-batch.js";
import type { Appended, EventLog, PartitionDescription, ReadRequest, TopicDescription } from "../ports/event-log.js";
import type { Telemetry } from "../telemetry/telemetry-event.js";
import { silent } from "../telemetry/telemetry-event.js";
import { appendChunks } from "./append-chunks.js";
import { clientOf } from "./client-of.js";
import type { KafkaClient, KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { KafkaReading } from "./kafka-reading.js";
import { LogVersions } from "./log-versions.js";
import { patiently } from "./patiently.js";

/** Who talks to Kafka: the brokers' addresses, or a client, a `Kafka` object of kafkajs or its settings. */
export type KafkaConnection =
  | { /** `host:port` of some brokers; the others are found through them. */ readonly brokers: readonly string[]; readonly client?: undefined }
  | {
      readonly brokers?: undefined;
      /** Settings of kafkajs (brokers, `ssl`, `sasl`, `clientId`) are passed on whole. Closing the log closes the client. */
      readonly client: KafkaClient | Kafka | KafkaConfig;
    };

/** What `kafkaLog` takes. */
export type KafkaLogOptions = KafkaConnection & {
  /** Default "kafka". */
  readonly name?: string;
  /** Of topics that are created. Default: the brokers' `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** Settings of topics that are created, beside `message.timestamp.type=LogAppendTime`, such as `retention.ms`. */
  readonly topicSettings?: Readonly<Record<string, string>>;
  /** Topic -> log version, for clusters where no topic may be created to write versions down. Others are found there. */
  readonly logVersions?: Readonly<Record<string, number>>;
  /** The topic in which ids and so log versions of topics are written down. Default "_millrace_topics". */
  readonly versionsTopic?: string;
  /** Bytes that a fetch of one partition asks for; a reading holds two such answers at most. Default 2 MiB. */
  readonly fetchBytes?: number;
  /** How long a broker waits at the end of a partition before it says that nothing came, ms. Default 500. */
  readonly maxWaitMs?: number;
  /** Told when brokers cannot be reached while reading, and of size limits of topics. Default: nobody. */
  readonly telemetry?: Telemetry;
};

const VERSIONS_TOPIC = "_millrace_topics";
/** How long the number of partitions is believed when records are appended. */
const PARTITIONS_FOR_MS = 5_000;

/**
 * A log on Kafka 3.1 or later. Connects at first use.
 *
 * Reads without a consumer group: any number of readings at any offsets, each over a connection of its own, asking by
 * topic id. Only committed records are read. A leader that dies or moves is waited for, however long it takes.
 *
 * Appends through an idempotent producer, each partition's records in requests of their own, in order. Records without a
 * partition go by key hash as Kafka's own producers do, or round robin without a key. A failed append may have stored
 * some of its records.
 *
 * @example
 * const log = kafkaLog({ client: { brokers: ["kafka-1:9093"], ssl: true, sasl: { mechanism: "plain", username: "millrace", password: process.env.KAFKA_PASSWORD! } } });
 */
export function kafkaLog(options: KafkaLogOptions): EventLog {
  const { name = "kafka", replicationFactor, topicSettings = {}, logVersions = {}, versionsTopic = VERSIONS_TOPIC, fetchBytes = 2 * 2 ** 20, maxWaitMs = 500, telemetry = silent } = options;
  const client = clientOf(options);
  const versions = new LogVersions(client, versionsTopic, replicationFactor);
  const partitionFor = keyHashPartitioner();
  const closing = new AbortController();
  const appendedTo = new Map<string, { readonly topic: KafkaTopic; readonly until: number }>();
  const limited = new Set<string>();

  const self = { name, closing: closing.signal };
  const lookUp = async (topic: string, partition: number | undefined, signal: AbortSignal): Promise<KafkaTopic> => {
    const found = await client.topic(topic, signal);
    if (found === undefined) throw new UnknownTopicError(name, topic);
    if (partition !== undefined && found.partitions[partition] === undefined) throw new UnknownTopicError(name, topic, partition);
    return found;
  };
  const versionOf = async (topic: KafkaTopic, signal: AbortSignal): Promise<number> => logVersions[topic.name] ?? versions.of(topic, signal);

  /** Appends one chunk, or its halves when the topic takes less at once than most do. */
  const appendChunk = async (topic: string, partition: number, records: readonly NewRecord[], at: readonly number[], results: Appended[], signal: AbortSignal): Promise<void> => {
    try {
      const first = await client.produce(topic, partition, records, signal);
      at.forEach((index, i) => {
        results[index] = { partition, offset: first + i };
      });
    } catch (error) {
      if (!(error instanceof KafkaError) || (error.kafkaCode !== "MESSAGE_TOO_LARGE" && error.kafkaCode !== "RECORD_LIST_TOO_LARGE")) throw error;
      if (records.length === 1) throw new InvalidRecordError(topic, at[0]!, `it is larger than the topic's max.message.bytes allows`);
      const half = records.length >> 1;
      await appendChunk(topic, partition, records.slice(0, half), at.slice(0, half), results, signal);
      await appendChunk(topic, partition, records.slice(half), at.slice(half), results, signal);
    }
  };

  return {
    name,
    describe: (topic, given) =>
      whileOpen(self, "describing a topic of log", given, async (signal): Promise<TopicDescription> => {
        const found = await lookUp(topic, undefined, signal);
        const settings = await client.settings(topic, signal);
        const logVersion = await versionOf(found, signal);
        const partitions = await Promise.all(
          found.partitions.map(async ({ partition }): Promise<PartitionDescription> => ({ partition, logVersion, ...(await client.bounds(found, partition, signal)) })),
        );
        // Offsets are asked for by name: they are this incarnation's if it is there still.
        if ((await lookUp(topic, undefined, signal)).id !== found.id) {
          throw new KafkaError(`describing topic "${topic}"`, "it was re-created meanwhile", { retryable: true });
        }
        if (Number(settings.get("retention.bytes") ?? -1) >= 0 && !limited.has(topic)) {
          limited.add(topic);
          telemetry({ type: "Warning", code: "KAFKA_RETENTION_BYTES", message: `topic "${topic}" is also limited by size (retention.bytes=${settings.get("retention.bytes")}): records may leave it before its retention time` });
        }
        return {
          topic,
          timestamps: settings.get("message.timestamp.type") === "LogAppendTime" ? "append" : "create",
          retentionMs: retentionOf(settings),
          compacted: (settings.get("cleanup.policy") ?? "").split(",").some((policy) => policy.trim() === "compact"),
          partitions,
        };
      }),
    topics: (given) =>
      whileOpen(self, "listing topics of log", given, async (signal) => (await client.topics(signal)).map((topic) => topic.name).filter((each) => each !== versionsTopic).sort()),
    async createTopic(topic, { partitions }, given) {
      checkTopic(topic, partitions);
      await whileOpen(self, "creating a topic of log", given, async (signal) => {
        appendedTo.delete(topic);
        let existing = await client.topic(topic, signal);
        if (existing === undefined) {
          const settings = { "message.timestamp.type": "LogAppendTime", ...topicSettings };
          await client.createTopic(topic, { partitions, ...(replicationFactor === undefined ? {} : { replicationFactor }), settings }, signal);
          existing = await lookUp(topic, undefined, signal);
        }
        if (existing.partitions.length < partitions) await client.addPartitions(topic, partitions, signal);
      });
    },
    async *read(request: ReadRequest, given: AbortSignal) {
      const { topic, partition, from, maxRecords = 10_000 } = request;
      const doing = "reading log";
      given.throwIfAborted();
      if (closing.signal.aborted) throw new ClosedError(name, doing);
      const { signal, forget } = eitherSignal(given, closing.signal);
      let reading: KafkaReading | undefined;
      try {
        // A reading waits for brokers that are away, however long, also before its first record.
        const { found, logVersion } = await patiently(Infinity, signal, async () => {
          const seen = await lookUp(topic, partition, signal);
          return { found: seen, logVersion: await versionOf(seen, signal) };
        });
        reading = new KafkaReading({ client, log: name, topic: found, partition, logVersion, from, fetchBytes, maxWaitMs, telemetry, signal });
        yield* reading.batches(maxRecords);
      } catch (error) {
        if (closing.signal.aborted && !given.aborted) return;
        throw error;
      } finally {
        reading?.close();
        forget();
      }
    },
    offsetAt: (topic, partition, instant, given) =>
      whileOpen(self, "reading log", given, async (signal) => {
        const found = await lookUp(topic, partition, signal);
        const near = await client.offsetAt(found, partition, instant, signal);
        const { start, end } = await client.bounds(found, partition, signal);
        if (near === undefined) return end;
        // Kafka counts records that are no records to us: control records, and those of transactions that were rolled back.
        const from = Math.max(near, start);
        if (from >= end) return end;
        const reading = new KafkaReading({ client, log: name, topic: found, partition, logVersion: 0, from, fetchBytes: 1, maxWaitMs, telemetry, signal });
        try {
          for await (const { length, offsets, appendedAt, position } of reading.batches(Infinity)) {
            for (let i = 0; i < length; i++) if (appendedAt[i]! >= instant) return Math.min(offsets[i]!, end);
            if (position >= end) break;
          }
          return end;
        } finally {
          reading.close();
        }
      }),
    append: (topic, records, given) =>
      whileOpen(self, "appending to log", given, async (signal) => {
        let known = appendedTo.get(topic);
        const missing = (): boolean => records.some(({ partition }) => partition !== undefined && known!.topic.partitions[partition] === undefined);
        if (known === undefined || known.until < performance.now() || missing()) {
          known = { topic: await lookUp(topic, undefined, signal), until: performance.now() + PARTITIONS_FOR_MS };
          appendedTo.set(topic, known);
        }
        const count = known.topic.partitions.length;
        const chunks = appendChunks(records, (record, i) => {
          const partition = record.partition ?? partitionFor(record, count);
          if (!Number.isInteger(partition) || partition < 0 || partition >= count) throw new InvalidRecordError(topic, i, `there is no partition ${partition}`);
          return partition;
        });
        const results = new Array<Appended>(records.length);
        const appends = [...new Set(chunks.map(({ partition }) => partition))].map(async (partition) => {
          for (const { indices } of chunks.filter((chunk) => chunk.partition === partition)) {
            await appendChunk(topic, partition, indices.map((i) => records[i]!), indices, results, signal);
          }
        });
        // All have ended, also when one failed: nothing is appended behind the caller's back.
        for (const outcome of await orAborted(Promise.allSettled(appends), signal)) if (outcome.status === "rejected") throw outcome.reason;
        return results;
      }),
    async close() {
      closing.abort(new ClosedError(name, "reading log"));
      await client.close();
    },
  };
}

function retentionOf(settings: ReadonlyMap<string, string>): number | null {
  const ms = Number(settings.get("retention.ms") ?? -1);
  return ms < 0 ? null : ms;
}
