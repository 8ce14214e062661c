import type { Kafka, Message, Producer } from "kafkajs";
import type { NewRecord } from "../log/raw-batch.js";
import { kafkajsFailure } from "./classify-error.js";
import { KafkaError } from "./kafka-error.js";
import { patiently } from "./patiently.js";

/** kafkajs repeats a send this long before it fails: about half a minute, with pauses of at most a second. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30 };

/**
 * Appends with an idempotent producer, and works around what kafkajs 2.2.4 does when brokers die:
 *
 * - A send holds records of **one partition**. A send to several forgets those whose leader moves to a broker that has
 *   already answered, and resolves (tulios/kafkajs#1303).
 * - A producer whose send failed is **not used again**. It would give the sequence numbers of records that may have been
 *   stored to other records, and the broker would take those for a repetition and drop them.
 * - An answer without the partition is a failure: a producer that does not know a new partition yet sends nothing.
 */
export class KafkajsProducer {
  readonly #kafka: Kafka;
  readonly #compression: number;
  #current: Generation | undefined;
  /** One send at a time to each partition, in their order. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(kafka: Kafka, compression: number) {
    this.#kafka = kafka;
    this.#compression = compression;
  }

  /**
   * Resolves with the offset of the first record once all replicas that are in sync have all of them. Only what surely
   * stored nothing is repeated, for `patienceMs`.
   */
  send(topic: string, partition: number, records: readonly NewRecord[], patienceMs: number, signal: AbortSignal): Promise<number> {
    const doing = `appending ${records.length} records to topic "${topic}" partition ${partition}`;
    const queue = `${topic}/${partition}`;
    const before = this.#queues.get(queue) ?? Promise.resolve();
    const sent = before.then(async () => {
      const messages = records.map((record) => messageOf(record, partition));
      const outcome = await patiently(patienceMs, signal, () => this.#attempt(topic, partition, messages, doing));
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    const settled = sent.catch(() => {}).then(() => {
      if (this.#queues.get(queue) === settled) this.#queues.delete(queue);
    });
    this.#queues.set(queue, settled);
    return sent;
  }

  async close(): Promise<void> {
    const current = this.#current;
    if (current !== undefined) this.#retire(current);
    await Promise.all(this.#queues.values());
    await current?.ended;
  }

  /** The first offset, or an error after which records may be stored. Rejects when nothing was. */
  async #attempt(topic: string, partition: number, messages: Message[], doing: string): Promise<number | Error> {
    const generation = (this.#current ??= this.#connect());
    generation.users++;
    try {
      let producer: Producer;
      try {
        producer = await generation.producer;
      } catch (error) {
        this.#retire(generation);
        throw kafkajsFailure(doing, error);
      }
      let offset: number;
      try {
        const answers = await producer.send({ topic, acks: -1, compression: this.#compression, messages });
        const base = answers.find((answer) => answer.partition === partition)?.baseOffset;
        offset = base === undefined ? -1 : Number(base);
      } catch (error) {
        this.#retire(generation);
        return kafkajsFailure(doing, error);
      }
      if (offset >= 0) return offset;
      this.#retire(generation);
      throw new KafkaError(doing, "the client sent nothing, because it does not know the partition yet", { retryable: true });
    } finally {
      generation.users--;
      if (this.#current !== generation) this.#end(generation);
    }
  }

  #connect(): Generation {
    const connect = async (): Promise<Producer> => {
      const producer = this.#kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        retry: RETRY,
        createPartitioner: () => ({ message }) => message.partition!,
      });
      await producer.connect();
      return producer;
    };
    return { producer: connect(), users: 0, ended: undefined };
  }

  /** Its other sends end as they may, then it is disconnected. */
  #retire(generation: Generation): void {
    if (this.#current === generation) this.#current = undefined;
    this.#end(generation);
  }

  #end(generation: Generation): void {
    if (generation.users > 0) return;
    generation.ended ??= generation.producer.then((producer) => producer.disconnect()).catch(() => {});
  }
}

/** A producer, with a producer id of its own, and those who use it now. */
interface Generation {
  readonly producer: Promise<Producer>;
  users: number;
  ended: Promise<void> | undefined;
}

function messageOf({ key, value, headers }: NewRecord, partition: number): Message {
  return {
    partition,
    key: key == null ? null : bytesOf(key),
    value: bytesOf(value),
    ...(headers === undefined ? {} : { headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytesOf(bytes)])) }),
  };
}

function bytesOf(value: Uint8Array | string): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
