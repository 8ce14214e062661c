import { onAbort } from "../delivery/on-abort.js";
import type { NewRecord } from "../log/raw-batch.js";
import { KafkaError } from "./kafka-error.js";
import type { KafkaTopic } from "./kafka-client.js";
import type { KafkajsBrokers } from "./kafkajs-brokers.js";
import { patiently } from "./patiently.js";
import { INIT_PRODUCER_ID, PRODUCE, decodeProduced, decodeProducerId, encodeInitProducerIdRequest, encodeProduceRequest } from "./produce-exchange.js";
import { encodeRecordBatch, recordsSize } from "./record-batch.js";
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

/** Records of one call, and who waits for their offset. */
interface Waiting {
  readonly records: readonly NewRecord[];
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly resolve: (first: number) => void;
  readonly reject: (error: unknown) => void;
}

/** What goes into one batch of several calls, below the brokers' default limit of 1 MiB. */
const TOGETHER_BYTES = 900_000;
/** A topic takes less at once than most do. */
const TOO_LARGE: ReadonlySet<string | undefined> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/**
 * An idempotent producer (KIP-98) over the connections of kafkajs, one batch of one partition in flight at a time.
 * Calls that wait meanwhile go together with the next, so that many small ones cost few requests, and none waits for time
 * to pass. The same bytes, with the same sequence numbers, are sent to whoever leads until they are acknowledged, so that however
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
  /** By partition, in the order of the calls. There is an entry as long as a batch is in flight. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(brokers: KafkajsBrokers, compression: Compression | undefined) {
    this.#brokers = brokers;
    this.#compression = compression;
  }

  /** Resolves with the offset of the first record once all replicas that are in sync have all of them. */
  send(topic: string, partition: number, records: readonly NewRecord[], patienceMs: number, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const key = `${topic}/${partition}`;
      const waiting = this.#waiting.get(key);
      const call: Waiting = { records, patienceMs, signal, resolve, reject };
      if (waiting !== undefined) {
        waiting.push(call);
        return;
      }
      const own = [call];
      this.#waiting.set(key, own);
      void this.#drain(topic, partition, key, own);
    });
  }

  async #drain(topic: string, partition: number, key: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const calls = takeTogether(waiting);
      if (calls.length === 0) continue;
      try {
        await this.#sendTogether(topic, partition, calls);
      } catch (error) {
        // Each by itself: its caller makes less of it, or is told.
        const apart = calls.length > 1 && error instanceof KafkaError && TOO_LARGE.has(error.kafkaCode);
        for (const call of calls) {
          if (apart) await this.#sendTogether(topic, partition, [call]).catch(call.reject);
          else call.reject(error);
        }
      }
    }
    // In the same turn in which nobody waited: whoever comes next begins anew.
    this.#waiting.delete(key);
  }

  async #sendTogether(topic: string, partition: number, calls: readonly Waiting[]): Promise<void> {
    const abort = new AbortController();
    // Who leaves takes nothing back: the batch is given up when the last has left.
    let left = calls.length;
    const leave = (signal: AbortSignal) => (): void => {
      left -= 1;
      if (left === 0) abort.abort(signal.reason);
    };
    const forgets = calls.map(({ signal }) => {
      if (!signal.aborted) return onAbort(signal, leave(signal));
      leave(signal)();
      return () => undefined;
    });
    try {
      let first = await this.#send(topic, partition, calls.length === 1 ? calls[0]!.records : calls.flatMap(({ records }) => records), Math.max(...calls.map(({ patienceMs }) => patienceMs)), abort.signal);
      for (const { records, resolve } of calls) {
        resolve(first);
        first += records.length;
      }
    } finally {
      for (const forget of forgets) forget();
    }
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

/** The first of those who still wait, and those behind it that fit into the same batch. */
function takeTogether(waiting: Waiting[]): readonly Waiting[] {
  const taken: Waiting[] = [];
  let bytes = 0;
  while (waiting.length > 0) {
    const next = waiting[0]!;
    if (next.signal.aborted) {
      waiting.shift();
      next.reject(next.signal.reason);
      continue;
    }
    // One alone is not looked at: its caller cut it to size.
    if (taken.length > 0 || waiting.length > 1) bytes += recordsSize(next.records);
    if (taken.length > 0 && bytes > TOGETHER_BYTES) break;
    taken.push(waiting.shift()!);
  }
  return taken;
}
