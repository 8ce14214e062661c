import type { NewRecord, RawBatch } from "../log/raw-batch.js";

/**
 * What the adapter needs of a client of Kafka. {@link fromKafkajs} makes one; any other that keeps this contract can
 * stand in, and `eventLogConformance` over `kafkaLog({ client })` proves it.
 *
 * Every call rejects with the signal's reason when it is aborted. What may pass when it is repeated (a broker that is
 * away, a leader that moves) is repeated inside for some time, and then fails with a `MillraceError` that is retryable;
 * a refusal of the broker is one that is not. A {@link KafkaFetcher} repeats nothing.
 */
export interface KafkaClient {
  /** All topics as they are now, except Kafka's internal ones. */
  topics(signal: AbortSignal): Promise<readonly KafkaTopic[]>;
  /** The topic as it is now, asked of a broker and not of a cache; undefined when there is none. */
  topic(name: string, signal: AbortSignal): Promise<KafkaTopic | undefined>;
  /** The topic's settings, those of the broker included, as Kafka spells them: `cleanup.policy` -> `delete`. */
  settings(name: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /**
   * Resolves once every partition has a leader, and every broker that is up knows it. Without an error when the topic is
   * there already, as when another process was faster.
   */
  createTopic(name: string, topic: NewKafkaTopic, signal: AbortSignal): Promise<void>;
  /** Raises the number of partitions to `partitions`; as {@link KafkaClient.createTopic} otherwise. */
  addPartitions(name: string, partitions: number, signal: AbortSignal): Promise<void>;
  /** The partition's first offset and its end: the offset after the last record that no open transaction can take back. */
  bounds(topic: KafkaTopic, partition: number, signal: AbortSignal): Promise<KafkaBounds>;
  /** The offset of the first entry stamped at or above `instant` (epoch ms), or undefined when there is none. */
  offsetAt(topic: KafkaTopic, partition: number, instant: number, signal: AbortSignal): Promise<number | undefined>;
  /** Opens a connection of its own to fetch from one partition, so that no reading waits for another one's long poll. */
  fetcher(): KafkaFetcher;
  /**
   * Appends records to one partition, as one request, and gives the offset of the first; the others follow it. A
   * repetition inside leaves one copy (an idempotent producer). When it fails, some or all of them may be there.
   */
  produce(topic: string, partition: number, records: readonly NewRecord[], signal: AbortSignal): Promise<number>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** An incarnation of a topic: one that is deleted and created again has another id. */
export interface KafkaTopic {
  readonly name: string;
  /** As Kafka prints it. */
  readonly id: string;
  /** In their order. */
  readonly partitions: readonly KafkaPartition[];
}

/** A partition of a topic. */
export interface KafkaPartition {
  readonly partition: number;
  /** The broker that leads it; -1 while none does. */
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** A topic to be created. */
export interface NewKafkaTopic {
  readonly partitions: number;
  /** Absent: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Records in `[start, end)`. */
export interface KafkaBounds {
  readonly start: number;
  readonly end: number;
}

/** Fetches from one partition. */
export interface KafkaFetcher {
  /**
   * Asks the leader for committed records from `offset` on. With nothing there it waits up to `maxWaitMs`.
   *
   * Rejects with a retryable `MillraceError` when the leader cannot be asked: the caller looks the topic up and repeats.
   */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched>;
  /** Ends a fetch under way, with an error. Safe to call twice. */
  close(): void;
}

/** What to fetch. */
export interface FetchRequest {
  readonly topic: KafkaTopic;
  readonly partition: number;
  readonly offset: number;
  /** The leader epoch of the last batch that was read, as {@link FetchedRecords.epoch} told; -1 at the beginning. */
  readonly epoch: number;
  /** About as many bytes at most; one stored batch is given whole, however large. */
  readonly maxBytes: number;
  readonly maxWaitMs: number;
}

/**
 * Records, or why there are none: `out-of-range` is outside of what the leader has, `diverged` says that the log was
 * truncated to `end` since, and `moved` that this broker does not lead the partition of this incarnation (any more, yet).
 */
export type Fetched = FetchedRecords | { readonly kind: "out-of-range" } | { readonly kind: "diverged"; readonly end: number } | { readonly kind: "moved" };

/** Committed records of one partition. */
export interface FetchedRecords extends Pick<RawBatch, "length" | "offsets" | "appendedAt" | "data" | "valueStart" | "valueEnd" | "keyStart" | "keyEnd" | "headers"> {
  readonly kind: "records";
  /** Where to fetch next: past control records, aborted ones and gaps. Not above `end`, unless the asked offset was. */
  readonly position: number;
  /** As in {@link KafkaBounds}, as the leader knew it when it answered. */
  readonly end: number;
  /** Leader epoch of the last batch, or the request's. */
  readonly epoch: number;
}
