import type { Admin, Kafka, KafkaConfig, Producer } from "kafkajs";
import { orAborted } from "../delivery/or-aborted.js";
import { ClosedError } from "../errors/closed-error.js";
import { MillraceError } from "../errors/millrace-error.js";
import { SinkWriteError } from "../errors/sink-write-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import { keyHashPartitioner } from "../log/partitioner.js";
import { partitionName } from "../log/position.js";
import type { NewRecord } from "../log/raw-batch.js";
import type { Sink, SinkBatch } from "../ports/sink.js";
import { appendChunks } from "./append-chunks.js";
import { kafkajsFailure } from "./classify-error.js";
import { fromKafkajs } from "./from-kafkajs.js";
import type { KafkaClient } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { loadKafkajs, openKafka } from "./load-kafkajs.js";
import { patiently } from "./patiently.js";

/** What `kafkaSink` takes. */
export type KafkaSinkOptions<R> = (
  | { /** `host:port` of some brokers. */ readonly brokers: readonly string[]; readonly client?: undefined }
  | { readonly brokers?: undefined; /** A `Kafka` object of kafkajs 2.2.4, or its settings, which are passed on whole. */ readonly client: Kafka | KafkaConfig }
) & {
  /** Where the rows go. It must be there. */
  readonly topic: string;
  /** Rows with one key stay in their order, in one partition. Without: all partitions in turn. */
  readonly key?: (row: R) => Uint8Array | string | null;
  /** Default: the row as JSON, with bigints as text. */
  readonly value?: (row: R) => Uint8Array | string;
  /** Headers beside those of the batch. */
  readonly headers?: (row: R) => Readonly<Record<string, Uint8Array>>;
  /**
   * Default "kafka". It names the sink's progress in the cluster: two sinks that deliver the same stream to the same topic
   * need two names, and a sink that is given another one delivers again.
   */
  readonly name?: string;
};

/** kafkajs waits so long where a broker asks it to come again, and no longer: whoever delivers repeats the batch. */
const RETRY = { initialRetryTime: 10, maxRetryTime: 500, retries: 12 };
/** A transaction that its writer left open is rolled back after so long, ms. Readers wait for it meanwhile. */
const TRANSACTION_MS = 15_000;
/** What a broker refuses again. Everything else may pass: a batch that is written again asks for the progress first. */
const REFUSED = /AUTHORIZATION|AUTHENTICATION|TOO_LARGE|UNSUPPORTED|INVALID_TOPIC|INVALID_TRANSACTION_TIMEOUT|POLICY/;

/** The writer of one source partition. */
interface Lane {
  readonly producer: Producer;
  /** Everything below is written; undefined until it was asked. */
  until: number | undefined;
}

/**
 * Writes each sink batch to a topic in one transaction, together with how far the source partition has come. A batch that
 * was written before, by whatever process, is not written again: readers with `isolation.level=read_committed` see every
 * row once, in order by key. Others also see rows of transactions that failed; the header `millrace-batch` (the batch's id)
 * and `millrace-index` (the row's number in it) tell repetitions.
 *
 * Two processes that write the same partition cannot both succeed: the one that began later locks the other one out.
 *
 * Progress is kept in consumer groups `millrace-sink/<name>/<topic>/<source partition>`. Brokers forget it
 * `offsets.retention.minutes` (7 days) after the last batch: what is written again later than that comes twice.
 *
 * @example
 * const purchases = kafkaSink<{ userId: number }>({ brokers: ["kafka-1:9092"], topic: "purchases", key: (row) => String(row.userId) });
 */
export function kafkaSink<R>(options: KafkaSinkOptions<R>): Sink<R> {
  const { topic, key, headers, name = "kafka", value = jsonOf } = options;
  const settings = options.client ?? { brokers: [...(options.brokers ?? [])] };
  const partitionFor = keyHashPartitioner();
  const lanes = new Map<string, Promise<Lane>>();
  let opening: Promise<Opened> | undefined;
  let closed = false;

  const open = (): Promise<Opened> =>
    (opening ??= (async () => {
      const kafka = openKafka(await loadKafkajs("kafkaSink"), settings);
      const admin = kafka.admin({ retry: RETRY });
      await admin.connect();
      return { kafka, admin, client: fromKafkajs(kafka, { patienceMs: 2_000 }) };
    })().catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));

  const openLane = async (id: string): Promise<Lane> => {
    const { kafka } = await open();
    const producer = kafka.producer({
      transactionalId: id,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      transactionTimeout: TRANSACTION_MS,
      retry: RETRY,
      createPartitioner: () => ({ message }) => message.partition!,
    });
    await producer.connect();
    return { producer, until: undefined };
  };

  const leave = (id: string): void => {
    const lane = lanes.get(id);
    lanes.delete(id);
    void lane?.then(({ producer }) => producer.disconnect()).catch(() => {});
  };

  /** One at a time for a source partition. After an abort it may run on, with a producer that is its own alone. */
  const writeBatch = async (id: string, batch: SinkBatch<R>, signal: AbortSignal): Promise<void> => {
    const opened = await open();
    signal.throwIfAborted();
    let opens = lanes.get(id);
    if (opens === undefined) lanes.set(id, (opens = openLane(id)));
    const lane = await opens;
    if (lane.until !== undefined && batch.until <= lane.until) return;
    const found = await opened.client.topic(topic, signal);
    if (found === undefined) throw new UnknownTopicError(name, topic);
    // The first one takes the partition over: transactions of other processes have ended, and can begin no more.
    const transaction = await lane.producer.transaction();
    try {
      lane.until ??= await progress(opened.admin, id, topic, signal);
      if (batch.until <= lane.until) {
        await transaction.abort();
        return;
      }
      const records = batch.rows.map((row, i): NewRecord => ({
        key: key?.(row) ?? null,
        value: value(row),
        headers: { ...headers?.(row), "millrace-batch": encoder.encode(batch.id), "millrace-index": encoder.encode(String(i)) },
      }));
      // One partition a send: kafkajs forgets records of a send to several when a leader moves (tulios/kafkajs#1303).
      for (const { partition, indices } of appendChunks(records, (record) => partitionFor(record, found.partitions.length))) {
        const answers = await transaction.send({ topic, acks: -1, messages: indices.map((i) => messageOf(records[i]!, partition)) });
        if (!answers.some((answer) => answer.partition === partition && Number(answer.baseOffset) >= 0)) {
          throw new KafkaError(`writing to topic "${topic}" partition ${partition}`, "the client does not know the partition yet", { retryable: true });
        }
      }
      await transaction.sendOffsets({ consumerGroupId: id, topics: [{ topic, partitions: [{ partition: 0, offset: String(batch.until) }] }] });
      await transaction.commit();
      lane.until = batch.until;
    } catch (error) {
      if (transaction.isActive()) await transaction.abort().catch(() => {});
      throw error;
    }
  };

  return {
    name,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      if (batch.rows.length === 0) return;
      const id = `millrace-sink/${name}/${topic}/${partitionName(batch)}`;
      try {
        await orAborted(writeBatch(id, batch, signal), signal);
      } catch (error) {
        // What became of the transaction is not known: a new producer ends it, and asks.
        leave(id);
        signal.throwIfAborted();
        if (error instanceof MillraceError && !(error instanceof KafkaError)) throw error;
        const failed = kafkajsFailure(`writing to topic "${topic}"`, error);
        const ofKafkajs = error instanceof Error && error.name.startsWith("KafkaJS");
        const retryable = failed.retryable || (ofKafkajs && !(failed instanceof KafkaError && REFUSED.test(failed.kafkaCode ?? "")));
        throw new SinkWriteError(name, batch, failed.message, { retryable, cause: error, ...(failed.advice === undefined ? {} : { advice: failed.advice }) });
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const id of [...lanes.keys()]) leave(id);
      const opened = await opening?.catch(() => undefined);
      await Promise.all([opened?.client.close(), opened?.admin.disconnect().catch(() => {})]);
    },
  };
}

interface Opened {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly client: KafkaClient;
}

const encoder = new TextEncoder();

/** Up to where the source partition was written. */
function progress(admin: Admin, groupId: string, topic: string, signal: AbortSignal): Promise<number> {
  // kafkajs does not wait for a coordinator that moves, or that a new cluster has yet to choose.
  return patiently(TRANSACTION_MS / 3, signal, async () => {
    try {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return Number(committed?.partitions.find(({ partition }) => partition === 0)?.offset ?? -1);
    } catch (error) {
      throw kafkajsFailure(`reading the progress of group "${groupId}"`, error);
    }
  });
}

function jsonOf(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function messageOf({ key, value, headers }: NewRecord, partition: number): Parameters<Producer["send"]>[0]["messages"][number] {
  return {
    partition,
    key: key == null ? null : bytesOf(key),
    value: bytesOf(value),
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, bytes]) => [name, bytesOf(bytes)])),
  };
}

function bytesOf(value: Uint8Array | string): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
