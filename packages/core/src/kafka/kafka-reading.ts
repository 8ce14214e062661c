import { eitherSignal } from "../delivery/either-signal.js";
import type { EitherSignal } from "../delivery/either-signal.js";
import { orAborted } from "../delivery/or-aborted.js";
import { ClosedError } from "../errors/closed-error.js";
import { MillraceError } from "../errors/millrace-error.js";
import { LogTrimmedError } from "../errors/log-trimmed-error.js";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import { sliceRawBatch } from "../log/raw-batch.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { Telemetry } from "../telemetry/telemetry-event.js";
import type { FetchedRecords, KafkaClient, KafkaFetcher, KafkaTopic } from "./kafka-client.js";
import { pause } from "./patiently.js";

/** What a reading is of. */
export interface KafkaReadingOptions {
  readonly client: KafkaClient;
  /** The log's name, for errors. */
  readonly log: string;
  /** The incarnation that is read. */
  readonly topic: KafkaTopic;
  readonly partition: number;
  readonly logVersion: number;
  readonly from: number;
  readonly fetchBytes: number;
  readonly maxWaitMs: number;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Told once when brokers are away for so long. */
const TELL_AFTER_MS = 5_000;
/** A topic may be missing in what a broker knows just after it was created; after this long it is gone. */
const GONE_AFTER_MS = 10_000;

/**
 * Committed records of one partition from an offset on. Survives brokers that die and leaders that move: the position is
 * ours, so whoever leads is asked for exactly the next offset. Reads one fetch ahead, so it holds two at most.
 */
export class KafkaReading {
  readonly #options: KafkaReadingOptions;
  readonly #fetcher: KafkaFetcher;
  readonly #closing = new AbortController();
  readonly #either: EitherSignal;
  #topic: KafkaTopic;
  #position: number;
  #epoch = -1;

  constructor(options: KafkaReadingOptions) {
    this.#options = options;
    this.#fetcher = options.client.fetcher();
    this.#either = eitherSignal(options.signal, this.#closing.signal);
    this.#topic = options.topic;
    this.#position = options.from;
  }

  /** As `EventLog.read` promises. */
  async *batches(maxRecords: number): AsyncGenerator<RawBatch, void, void> {
    const { maxWaitMs } = this.#options;
    const { signal } = this.#either;
    let ahead = this.#fetch(0);
    let toldEnd = false;
    for (;;) {
      const fetched = await ahead;
      const moved = fetched.position > this.#position;
      this.#position = fetched.position;
      this.#epoch = fetched.epoch;
      const atEnd = fetched.position >= fetched.end;
      const isNews = fetched.length > 0 || moved;
      ahead = this.#fetch(atEnd || !isNews ? maxWaitMs : 0);
      // Whoever stops reading does not ask what became of it.
      ahead.catch(() => {});
      // Neither records nor movement before the end is no news: the leader has just changed.
      if (!isNews && (toldEnd || !atEnd)) continue;
      toldEnd = fetched.length === 0 && atEnd;
      const batch = this.#batch(fetched);
      for (let from = 0; from < batch.length || from === 0; from += maxRecords) {
        signal.throwIfAborted();
        yield sliceRawBatch(batch, from, Math.min(batch.length, from + maxRecords));
      }
    }
  }

  /** Ends what is read ahead. */
  close(): void {
    this.#closing.abort(new ClosedError(this.#options.log, "reading log"));
    this.#either.forget();
    this.#fetcher.close();
  }

  #batch({ length, offsets, appendedAt, data, valueStart, valueEnd, keyStart, keyEnd, headers, position, end }: FetchedRecords): RawBatch {
    const { topic, partition, logVersion } = this.#options;
    return {
      topic: topic.name,
      logVersion,
      partition,
      length,
      offsets,
      appendedAt,
      data,
      valueStart,
      valueEnd,
      ...(keyStart && keyEnd ? { keyStart, keyEnd } : {}),
      ...(headers ? { headers } : {}),
      position,
      end,
    };
  }

  async #fetch(maxWaitMs: number): Promise<FetchedRecords> {
    const { partition, fetchBytes, topic, client, telemetry } = this.#options;
    const { signal } = this.#either;
    const from = `reading topic "${topic.name}" partition ${partition}`;
    let since: number | undefined;
    let told = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      signal.throwIfAborted();
      let why = "its leader moves";
      try {
        const request = { topic: this.#topic, partition, offset: this.#position, epoch: this.#epoch, maxBytes: fetchBytes, maxWaitMs };
        const fetched = await orAborted(this.#fetcher.fetch(request, signal), signal);
        if (fetched.kind === "records") {
          if (told) telemetry({ type: "Warning", code: "KAFKA_BACK", message: `${from} goes on at offset ${this.#position}` });
          return fetched;
        }
        if (fetched.kind === "diverged") throw new OffsetBeyondEndError(topic.name, partition, this.#position, fetched.end);
        if (fetched.kind === "out-of-range") await this.#outOfRange(since !== undefined && performance.now() - since > GONE_AFTER_MS);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MillraceError && error.retryable)) throw error;
        why = error.message;
      }
      since ??= performance.now();
      if (!told && performance.now() - since > TELL_AFTER_MS) {
        told = true;
        telemetry({ type: "Warning", code: "KAFKA_AWAY", message: `${from} waits at offset ${this.#position}: ${why}` });
      }
      await pause(pauseMs, signal);
      await this.#lookUp(client, performance.now() - since > GONE_AFTER_MS);
    }
  }

  /** Who leads now; refuses another incarnation. */
  async #lookUp(client: KafkaClient, gone: boolean): Promise<void> {
    const { log, topic, partition } = this.#options;
    const { signal } = this.#either;
    let fresh: KafkaTopic | undefined;
    try {
      fresh = await client.topic(topic.name, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MillraceError && error.retryable) return;
      throw error;
    }
    if (fresh === undefined) {
      if (gone) throw new UnknownTopicError(log, topic.name);
      return;
    }
    if (fresh.id !== topic.id) {
      const { end } = fresh.partitions[partition] === undefined ? { end: 0 } : await client.bounds(fresh, partition, signal);
      throw new OffsetBeyondEndError(topic.name, partition, this.#position, end);
    }
    this.#topic = fresh;
  }

  /**
   * Throws when the position lies outside of what the leader has, and not only of what it had for a moment. `lasting`: it
   * lies within, and the leader refuses it still: what was read before it is not in this log.
   */
  async #outOfRange(lasting: boolean): Promise<void> {
    const { client, topic, partition } = this.#options;
    const { signal } = this.#either;
    const fresh = await client.topic(topic.name, signal);
    if (fresh?.partitions[partition] === undefined) return;
    const { start, end } = await client.bounds(fresh, partition, signal);
    if (fresh.id !== topic.id) throw new OffsetBeyondEndError(topic.name, partition, this.#position, end);
    if (this.#position < start) throw new LogTrimmedError(topic.name, partition, this.#position, start);
    if (this.#position > end || lasting) throw new OffsetBeyondEndError(topic.name, partition, this.#position, end);
  }
}
