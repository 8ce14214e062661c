import type * as Kafkajs from "kafkajs";
import type { Admin, Kafka, KafkaConfig } from "kafkajs";
import { orAborted } from "../delivery/or-aborted.js";
import { ClosedError } from "../errors/closed-error.js";
import { kafkajsFailure } from "./classify-error.js";
import { DESCRIBE_CONFIGS, decodeConfigs, encodeDescribeConfigsRequest } from "./describe-configs-exchange.js";
import type { KafkaClient, KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { KafkajsBrokers } from "./kafkajs-brokers.js";
import { KafkajsFetcher } from "./kafkajs-fetcher.js";
import { clusterOf } from "./kafkajs-internals.js";
import { KafkajsProducer } from "./kafkajs-producer.js";
import { EARLIEST, LATEST, LIST_OFFSETS, decodeListOffsets, encodeListOffsetsRequest } from "./list-offsets-exchange.js";
import { isKafka, loadKafkajs, openKafka } from "./load-kafkajs.js";
import { pause, patiently } from "./patiently.js";
import type { Compression } from "./record-batch.js";
import type { Decompress } from "./record-set.js";
import { UnreadableRecordsError } from "./unreadable-records-error.js";

/** How a `KafkaClient` of kafkajs works. */
export interface FromKafkajsOptions {
  /** Of what is appended. Default "none". Others than gzip need a codec in kafkajs's `CompressionCodecs`. */
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /** How long a question is repeated while brokers are away or leaders move, ms. Default 30,000. */
  readonly patienceMs?: number;
  /** How long an append is, ms: after it, whoever appends the records again may have them twice. Default 120,000. */
  readonly deliveryMs?: number;
}

/** What kafkajs's `CompressionCodecs` makes. */
interface KafkajsCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

const CODEC_NAMES = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/**
 * A client on kafkajs 2.2.4, made of a `Kafka` object or of its settings, which are passed on whole: brokers, `ssl`,
 * `sasl`, `clientId`. Loads kafkajs and connects at first use.
 *
 * Topics are created through kafkajs's public interface. Metadata, settings, offsets, fetches and appends are our own
 * requests over the connections that kafkajs makes and authenticates: `docs/decisions/018-kafka-reading.md` says why.
 *
 * @throws {KafkajsVersionError} when the object is not that of kafkajs 2.2.4.
 *
 * @example
 * const client = fromKafkajs({ brokers: ["kafka-1:9093"], ssl: true, sasl: { mechanism: "scram-sha-512", username: "millrace", password: process.env.KAFKA_PASSWORD! } });
 */
export function fromKafkajs(kafka: Kafka | KafkaConfig, options: FromKafkajsOptions = {}): KafkaClient {
  const { compression = "none", patienceMs = 30_000, deliveryMs = 120_000 } = options;
  const given = isKafka(kafka) ? clusterOf(kafka) : undefined;
  const name = "kafka";
  let opening: Promise<{ readonly kafka: Kafka; readonly brokers: KafkajsBrokers; readonly producer: KafkajsProducer }> | undefined;
  let closed = false;
  const fetchers = new Set<KafkajsFetcher>();
  let loading: Promise<typeof Kafkajs> | undefined;
  const load = (): Promise<typeof Kafkajs> => (loading ??= loadKafkajs("kafkaLog"));

  const open = (): NonNullable<typeof opening> => {
    if (closed) return Promise.reject(new ClosedError(name, "asking cluster"));
    return (opening ??= (async () => {
      const library = await load();
      const own = openKafka(library, kafka);
      const cluster = new KafkajsBrokers(given ?? clusterOf(own));
      return { kafka: own, brokers: cluster, producer: new KafkajsProducer(cluster, compression === "none" ? undefined : await compressing(compression)) };
    })());
  };
  const brokers = async (): Promise<KafkajsBrokers> => (await open()).brokers;

  const codecOf = async (codec: number, what: string): Promise<KafkajsCodec> => {
    const { CompressionCodecs } = await load();
    try {
      return (CompressionCodecs as unknown as Record<number, () => KafkajsCodec>)[codec]!();
    } catch (cause) {
      throw new UnreadableRecordsError(`${what} ${CODEC_NAMES[codec] ?? `codec ${codec}`}, for which kafkajs has no codec`, { cause, advice: "set one in kafkajs's CompressionCodecs: docs/guides/kafka.md shows how" });
    }
  };
  const decompress: Decompress = async (codec, bytes) => {
    const own = await codecOf(codec, "they are compressed with");
    try {
      return await own.decompress(bytes);
    } catch (cause) {
      throw new UnreadableRecordsError(`the codec for ${CODEC_NAMES[codec]} failed on them`, { cause });
    }
  };
  const compressing = async (named: NonNullable<typeof options.compression>): Promise<Compression> => {
    const codec = CODEC_NAMES.indexOf(named);
    const own = await codecOf(codec, "they are to be compressed with");
    return { codec, compress: (bytes) => own.compress({ buffer: bytes }) };
  };

  /** Runs `work` with an admin client of kafkajs, which lives no longer: it would look for work every millisecond. */
  const administer = <T>(doing: string, signal: AbortSignal, work: (admin: Admin) => Promise<T>): Promise<T> =>
    patiently(patienceMs, signal, async () => {
      const admin = (await open()).kafka.admin();
      try {
        await admin.connect();
        return await work(admin);
      } catch (error) {
        throw kafkajsFailure(doing, error);
      } finally {
        void admin.disconnect().catch(() => {});
      }
    });

  /** Until every broker that is up knows `partitions` partitions with leaders. */
  const settled = (topic: string, partitions: number, doing: string, signal: AbortSignal): Promise<void> =>
    patiently(patienceMs, signal, async () => {
      const cluster = await brokers();
      await cluster.metadata([], doing, signal);
      for (const node of cluster.nodes) {
        for (;;) {
          const seen = await cluster.topic(topic, doing, signal, node);
          if (seen !== undefined && seen.partitions.length >= partitions && seen.partitions.every(({ leader }) => leader >= 0)) break;
          await pause(20, signal);
        }
      }
    });

  const listOffset = async (topic: KafkaTopic, partition: number, instant: number, signal: AbortSignal): Promise<number> => {
    const doing = `looking up offsets of topic "${topic.name}" partition ${partition}`;
    let known = topic;
    const offset = await patiently(patienceMs, signal, async () => {
      if (known.id !== topic.id) return undefined;
      const cluster = await brokers();
      try {
        const led = known.partitions[partition];
        const connection = await cluster.to(led?.leader ?? -1, doing);
        return decodeListOffsets(await connection.send(LIST_OFFSETS, encodeListOffsetsRequest(topic.name, partition, led?.leaderEpoch ?? -1, instant), doing, signal), doing);
      } catch (error) {
        signal.throwIfAborted();
        known = (await cluster.topic(topic.name, doing, signal)) ?? known;
        throw error;
      }
    });
    if (offset === undefined) throw new KafkaError(doing, "the topic was re-created meanwhile", { retryable: true });
    return offset;
  };

  return {
    topics: (signal) =>
      patiently(patienceMs, signal, async () => (await (await brokers()).metadata(undefined, "listing topics", signal)).topics),
    topic: (topic, signal) => patiently(patienceMs, signal, async () => (await brokers()).topic(topic, `looking up topic "${topic}"`, signal)),
    settings(topic, signal) {
      const doing = `reading the settings of topic "${topic}"`;
      return patiently(patienceMs, signal, async () => {
        const connection = await (await brokers()).any();
        return decodeConfigs(await connection.send(DESCRIBE_CONFIGS, encodeDescribeConfigsRequest(topic), doing, signal), doing);
      });
    },
    async createTopic(topic, { partitions, replicationFactor = -1, settings }, signal) {
      const doing = `creating topic "${topic}"`;
      // With waitForLeaders, which is kafkajs's default, it fails on brokers that do not know the topic yet.
      await administer(doing, signal, (client) =>
        client.createTopics({
          waitForLeaders: false,
          topics: [{ topic, numPartitions: partitions, replicationFactor, configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })) }],
        }),
      );
      await settled(topic, 1, doing, signal);
    },
    async addPartitions(topic, partitions, signal) {
      const doing = `adding partitions to topic "${topic}"`;
      try {
        await administer(doing, signal, (client) => client.createPartitions({ topicPartitions: [{ topic, count: partitions }] }));
      } catch (error) {
        // Another process may have been faster.
        if (!(error instanceof KafkaError && error.kafkaCode === "INVALID_PARTITIONS")) throw error;
      }
      await settled(topic, partitions, doing, signal);
    },
    async bounds(topic, partition, signal) {
      const [start, end] = await Promise.all([listOffset(topic, partition, EARLIEST, signal), listOffset(topic, partition, LATEST, signal)]);
      return { start, end };
    },
    async offsetAt(topic, partition, instant, signal) {
      // Negative instants are Kafka's names for the ends.
      const offset = await listOffset(topic, partition, Math.max(0, Math.ceil(instant)), signal);
      return offset < 0 ? undefined : offset;
    },
    fetcher() {
      const fetcher = new KafkajsFetcher(brokers, decompress);
      fetchers.add(fetcher);
      return {
        fetch: (request, signal) => fetcher.fetch(request, signal),
        close() {
          fetchers.delete(fetcher);
          fetcher.close();
        },
      };
    },
    async produce(topic, partition, records, signal) {
      signal.throwIfAborted();
      const { producer } = await open();
      return orAborted(producer.send(topic, partition, records, deliveryMs, signal), signal);
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const fetcher of fetchers) fetcher.close();
      const opened = await opening?.catch(() => undefined);
      opened?.brokers.close();
    },
  };
}
