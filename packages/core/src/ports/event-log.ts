import type { NewRecord, RawBatch } from "../log/raw-batch.js";

/** A topic as it is now. */
export interface TopicDescription {
  readonly topic: string;
  /** `create`: producers stamp, so there is no broker clock and only offsets cut the grid. */
  readonly timestamps: "append" | "create";
  /** How long records are kept, ms; null is for ever. */
  readonly retentionMs: number | null;
  /** Compacted topics are refused: the master dataset needs every record. */
  readonly compacted: boolean;
  readonly partitions: readonly PartitionDescription[];
}

/** A partition as it is now: records in `[start, end)`, where offsets may have gaps. */
export interface PartitionDescription {
  readonly partition: number;
  readonly logVersion: number;
  /** First offset still there. */
  readonly start: number;
  /** Offset after the last committed record: of those stamped before the call, as far as the log can tell. */
  readonly end: number;
}

/** What to read of one partition. */
export interface ReadRequest {
  readonly topic: string;
  readonly partition: number;
  /** First offset wanted. */
  readonly from: number;
  /** Records a batch holds at most. Default 10,000. */
  readonly maxRecords?: number;
}

/** Where a record came to lie. */
export interface Appended {
  readonly partition: number;
  readonly offset: number;
}

/** The partitioned, append-only input. */
export interface EventLog {
  readonly name: string;
  /**
   * What is there now.
   *
   * @throws {UnknownTopicError} when there is no such topic.
   */
  describe(topic: string, signal: AbortSignal): Promise<TopicDescription>;
  /** The names of all topics. */
  topics(signal: AbortSignal): Promise<readonly string[]>;
  /** Creates the topic, or adds partitions up to `partitions`; a topic that has as many is left as it is. */
  createTopic(topic: string, options: { readonly partitions: number }, signal: AbortSignal): Promise<void>;
  /**
   * Committed records from `from` on, in offset order, without end: at the end of the partition it yields one empty
   * batch (`position >= end`) and waits for more. Reads ahead at most one batch of what the consumer asked for.
   *
   * @throws {LogTrimmedError} when `from` lies below the first offset still there.
   * @throws {OffsetBeyondEndError} when `from` lies beyond the end: the log was truncated or re-created.
   */
  read(request: ReadRequest, signal: AbortSignal): AsyncIterable<RawBatch>;
  /** The offset of the first record with `appendedAt >= instant` (epoch ms), or the end. */
  offsetAt(topic: string, partition: number, instant: number, signal: AbortSignal): Promise<number>;
  /** Resolves once all records are durable, with their coordinates in the order given. */
  append(topic: string, records: readonly NewRecord[], signal: AbortSignal): Promise<readonly Appended[]>;
  /** Safe to call twice. Ends every reading. */
  close(): Promise<void>;
}
