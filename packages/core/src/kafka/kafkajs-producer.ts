import type { NewRecord } from "../log/raw-batch.js";
import { KafkaError } from "./kafka-error.js";
import type { KafkaTopic } from "./kafka-client.js";
import type { KafkajsBrokers } from "./kafkajs-brokers.js";
import { patiently } from "./patiently.js";
import { INIT_PRODUCER_ID, PRODUCE, decodeProduced, decodeProducerId, encodeInitProducerIdRequest, encodeProduceRequest } from "./produce-exchange.js";
import { encodeRecordBatch } from "./record-batch.js";
import type { Compression } from "./record-batch.js";

/** How long a leader may wait for its replicas, ms. */
const REPLICAS_MS = 5_000;
/** A topic that no broker has known for so long is gone, ms. */
const GONE_AFTER_MS = 10_000;
const SEQUENCES = 2 ** 31;
/** The broker knows the producer's numbers no more, or otherwise: it stored nothing. */
const LOST_TRACK: ReadonlySet<string | undefined> = new Set(["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH"]);
/** Answers after which the records may be stored. */
const MAY_BE_STORED: ReadonlySet<string | undefined> = new Set(["REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "DUPLICATE_SEQUENCE_NUMBER", "NETWORK_EXCEPTION"]);

/** What a broker knows repetitions by, for one partition. */
interface Session {
  readonly producerId: number;
  readonly producerEpoch: number;
  next: number;
}

/**
 * An idempotent producer (KIP-98) over the connections of kafkajs, one batch of one partition in flight at a time. The
 * same bytes, with the same sequence numbers, are sent to whoever leads until they are acknowledged, so that however
 * often leaders die there is one copy, in order.
 *
 * The producer of kafkajs 2.2.4 is not used, because it loses acknowledged records when a broker dies
 * (tulios/kafkajs#1303), gives the numbers of a failed send to other records, and gives up while its only broker is away.
 */
export class KafkajsProducer {
  readonly #brokers: KafkajsBrokers;
  readonly #compression: Compression | undefined;
  readonly #topics = new Map<string, KafkaTopic>();
  readonly #sessions = new Map<string, Session>();
  /** One send at a time to each partition, in their order. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(brokers: KafkajsBrokers, compression: Compression | undefined) {
    this.#brokers = brokers;
    this.#compression = compression;
  }

  /** Resolves with the offset of the first record once all replicas that are in sync have all of them. */
  send(topic: string, partition: number, records: readonly NewRecord[], patienceMs: number, signal: AbortSignal): Promise<number> {
    const queue = `${topic}/${partition}`;
    const before = this.#queues.get(queue) ?? Promise.resolve();
    const sent = before.then(() => this.#send(topic, partition, records, patienceMs, signal));
    const settled = sent.catch(() => {}).then(() => {
      if (this.#queues.get(queue) === settled) this.#queues.delete(queue);
    });
    this.#queues.set(queue, settled);
    return sent;
  }

  async #send(topic: string, partition: number, records: readonly NewRecord[], patienceMs: number, signal: AbortSignal): Promise<number> {
    const doing = `appending ${records.length} records to topic "${topic}" partition ${partition}`;
    const stampedAt = Date.now();
    let session: Session | undefined;
    let batch: Buffer | undefined;
    /** Since when no broker knows the topic. */
    let missingSince: number | undefined;
    /** A request went out, and no answer told that it stored nothing. */
    let uncertain = false;
    let lost: KafkaError | undefined;
    try {
      return await patiently(patienceMs, signal, async () => {
        session ??= await this.#session(topic, partition, doing, signal);
        batch ??= await encodeRecordBatch(records, { ...session, first: session.next }, stampedAt, this.#compression);
        const known = this.#topics.get(topic) ?? (await this.#brokers.topic(topic, doing, signal));
        if (known === undefined) {
          missingSince ??= performance.now();
          throw new KafkaError(doing, "there is no such topic", { retryable: performance.now() - missingSince < GONE_AFTER_MS, kafkaCode: "UNKNOWN_TOPIC_OR_PARTITION" });
        }
        missingSince = undefined;
        this.#topics.set(topic, known);
        const before = uncertain;
        try {
          const connection = await this.#brokers.to(known.partitions[partition]?.leader ?? -1, doing, "produce");
          uncertain = true;
          const answer = await connection.send(PRODUCE, encodeProduceRequest(topic, partition, batch, REPLICAS_MS), doing, signal, REPLICAS_MS);
          const offset = decodeProduced(answer, doing);
          session.next = (session.next + records.length) % SEQUENCES;
          return offset;
        } catch (error) {
          this.#topics.delete(topic);
          const code = error instanceof KafkaError ? error.kafkaCode : undefined;
          if (code !== undefined && !MAY_BE_STORED.has(code)) uncertain = before;
          if (!LOST_TRACK.has(code)) throw error;
          this.#sessions.delete(`${topic}/${partition}`);
          // Whether an earlier request stored them cannot be known any more, and under new numbers they might come twice.
          if (uncertain) {
            lost = new KafkaError(doing, "the broker lost track of the producer after a request without an answer: the records may be stored", { retryable: true, kafkaCode: code, cause: error });
            throw new KafkaError(doing, lost.message, { retryable: false });
          }
          session = batch = undefined;
          throw new KafkaError(doing, "the broker knows the producer no more", { retryable: true, kafkaCode: code, cause: error });
        }
      });
    } catch (error) {
      // Its numbers may be taken: the next records need a producer that the broker does not know.
      if (uncertain) this.#sessions.delete(`${topic}/${partition}`);
      throw lost ?? error;
    }
  }

  async #session(topic: string, partition: number, doing: string, signal: AbortSignal): Promise<Session> {
    const key = `${topic}/${partition}`;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const connection = await this.#brokers.any();
    const session = { ...decodeProducerId(await connection.send(INIT_PRODUCER_ID, encodeInitProducerIdRequest(), doing, signal), doing), next: 0 };
    this.#sessions.set(key, session);
    return session;
  }
}
