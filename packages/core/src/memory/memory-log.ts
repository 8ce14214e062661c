import { systemClock } from "../clock/system-clock.js";
import { onAbort } from "../delivery/on-abort.js";
import { ClosedError } from "../errors/closed-error.js";
import { InvalidRecordError } from "../errors/invalid-record-error.js";
import { checkTopic } from "../errors/invalid-topic-error.js";
import { LogTrimmedError } from "../errors/log-trimmed-error.js";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import { keyHashPartitioner } from "../log/partitioner.js";
import { FIRST_LOG_VERSION } from "../log/position.js";
import { rawBatchOf } from "../log/raw-batch-of.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import type { NewRecord, RawBatch } from "../log/raw-batch.js";
import type { Clock } from "../ports/clock.js";
import type { Appended, EventLog, ReadRequest, TopicDescription } from "../ports/event-log.js";

/** Bytes of keys and values that a batch holds at most, unless one record alone is larger. */
const MAX_BATCH_BYTES = 16 * 2 ** 20;

/** What `memoryLog` takes. */
export interface MemoryLogOptions {
  /** Default "memory". */
  readonly name?: string;
  /** Stamps the records. Default: the system's. */
  readonly clock?: Clock;
  /** Topics that exist from the start, with their number of partitions. */
  readonly topics?: Readonly<Record<string, number>>;
}

/** What a topic of a memory log pretends to be. */
export interface MemoryTopicSettings {
  readonly timestamps?: "append" | "create";
  /** Only described, never applied: see {@link MemoryLog.trim}. */
  readonly retentionMs?: number | null;
  readonly compacted?: boolean;
}

/** A record with coordinates of the test's choice. */
export interface PlacedRecord extends NewRecord {
  /** At or above the partition's end: what lies between is a gap. Default: the end. */
  readonly offset?: number;
  /** Epoch ms; may step back. Default: the clock, not below the record before. */
  readonly appendedAt?: number;
}

/** A log in memory: the oracle of the others, with what tests need to make logs that only brokers make. */
export interface MemoryLog extends EventLog {
  /** Appends with explicit offsets and broker times, so that gaps and stepping clocks can be made. */
  place(topic: string, partition: number, records: readonly PlacedRecord[]): readonly Appended[];
  /** Offsets without a record (control records, aborted transactions) up to `end`. */
  skipTo(topic: string, partition: number, end: number): void;
  /** Removes the records below an offset. */
  trim(topic: string, partition: number, below: number): void;
  /** Removes the records at and above an offset: what an unclean election does. */
  truncate(topic: string, partition: number, end: number): void;
  /** Deletes the topic and creates it again, empty, under the next log version. Readings of the old one fail. */
  recreate(topic: string, partitions?: number): void;
  /** Has a topic describe itself otherwise from now on; absent settings stay. */
  configure(topic: string, settings: MemoryTopicSettings): void;
  /** Every record still there, in offset order. */
  records(topic: string, partition: number): readonly LogRecord[];
}

interface Partition {
  start: number;
  end: number;
  lastAppendedAt: number;
  records: LogRecord[];
  /** Wakes readings that wait at the end. */
  waiting: Set<() => void>;
}

interface Topic {
  logVersion: number;
  settings: Required<MemoryTopicSettings>;
  partitions: Partition[];
}

const encoder = new TextEncoder();

const newPartition = (): Partition => ({ start: 0, end: 0, lastAppendedAt: -Infinity, records: [], waiting: new Set() });

/** Stamps inside `append`, never stepping back within a partition. Holds every record until it is trimmed. */
export function memoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const name = options.name ?? "memory";
  const clock = options.clock ?? systemClock();
  const topics = new Map<string, Topic>();
  const partitionFor = keyHashPartitioner();
  let closed = false;

  const topicOf = (topic: string): Topic => {
    const found = topics.get(topic);
    if (!found) throw new UnknownTopicError(name, topic);
    return found;
  };
  const partitionOf = (topic: string, partition: number): Partition => {
    const found = topicOf(topic).partitions[partition];
    if (!found) throw new UnknownTopicError(name, topic, partition);
    return found;
  };
  const open = (doing: string): void => {
    if (closed) throw new ClosedError(name, doing);
  };
  const wake = (partition: Partition): void => {
    for (const resume of [...partition.waiting]) resume();
  };
  const create = (topic: string, partitions: number): void => {
    checkTopic(topic, partitions);
    let found = topics.get(topic);
    if (!found) {
      found = { logVersion: FIRST_LOG_VERSION, settings: { timestamps: "append", retentionMs: null, compacted: false }, partitions: [] };
      topics.set(topic, found);
    }
    while (found.partitions.length < partitions) found.partitions.push(newPartition());
  };
  const place = (topic: string, index: number, records: readonly PlacedRecord[]): Appended[] => {
    const partition = partitionOf(topic, index);
    const placed = records.map((record, i): Appended => {
      const offset = record.offset ?? partition.end;
      if (offset < partition.end) throw new InvalidRecordError(topic, i, `offset ${offset} lies below the end ${partition.end}`);
      const appendedAt = record.appendedAt ?? Math.max(clock.now(), partition.lastAppendedAt);
      partition.records.push({
        offset,
        appendedAt,
        key: record.key == null ? null : bytesOf(record.key),
        value: bytesOf(record.value),
        ...(record.headers === undefined ? {} : { headers: record.headers }),
      });
      partition.lastAppendedAt = appendedAt;
      partition.end = offset + 1;
      return { partition: index, offset };
    });
    wake(partition);
    return placed;
  };

  for (const [topic, partitions] of Object.entries(options.topics ?? {})) create(topic, partitions);

  return {
    name,
    async describe(topic, signal): Promise<TopicDescription> {
      signal.throwIfAborted();
      open("describing a topic of log");
      const { logVersion, settings, partitions } = topicOf(topic);
      return {
        topic,
        ...settings,
        partitions: partitions.map(({ start, end }, partition) => ({ partition, logVersion, start, end })),
      };
    },
    async topics(signal) {
      signal.throwIfAborted();
      open("listing topics of log");
      return [...topics.keys()].sort();
    },
    async createTopic(topic, { partitions }, signal) {
      signal.throwIfAborted();
      open("creating a topic of log");
      create(topic, partitions);
    },
    async *read(request: ReadRequest, signal: AbortSignal) {
      signal.throwIfAborted();
      open("reading log");
      const { topic, partition: index, maxRecords = 10_000 } = request;
      const { logVersion } = topicOf(topic);
      let position = request.from;
      let toldEnd = false;
      for (;;) {
        signal.throwIfAborted();
        if (closed) return;
        const found = topicOf(topic);
        const partition = partitionOf(topic, index);
        if (found.logVersion !== logVersion || position > partition.end) throw new OffsetBeyondEndError(topic, index, position, partition.end);
        if (position < partition.start) throw new LogTrimmedError(topic, index, position, partition.start);
        if (position === partition.end && toldEnd) {
          await changed(partition, signal);
          continue;
        }
        const batch = batchFrom({ topic, logVersion, partition: index }, partition, position, maxRecords);
        // Position may move over a gap without a record, also at the end: that, too, is news.
        toldEnd = batch.length === 0;
        position = batch.position;
        yield batch;
      }
    },
    async offsetAt(topic, index, instant, signal) {
      signal.throwIfAborted();
      open("reading log");
      const partition = partitionOf(topic, index);
      return partition.records.find(({ appendedAt }) => appendedAt >= instant)?.offset ?? partition.end;
    },
    async append(topic, records, signal) {
      signal.throwIfAborted();
      open("appending to log");
      const { partitions } = topicOf(topic);
      const chosen = records.map((record, i) => {
        const partition = record.partition ?? partitionFor(record, partitions.length);
        if (!partitions[partition]) throw new InvalidRecordError(topic, i, `there is no partition ${partition}`);
        return partition;
      });
      return records.map((record, i) => place(topic, chosen[i]!, [record])[0]!);
    },
    async close() {
      closed = true;
      for (const { partitions } of topics.values()) partitions.forEach(wake);
    },
    place,
    skipTo(topic, index, end) {
      const partition = partitionOf(topic, index);
      partition.end = Math.max(partition.end, end);
      wake(partition);
    },
    trim(topic, index, below) {
      const partition = partitionOf(topic, index);
      partition.records = partition.records.slice(lowerBound(partition.records, below));
      partition.start = Math.max(partition.start, Math.min(below, partition.end));
      wake(partition);
    },
    truncate(topic, index, end) {
      const partition = partitionOf(topic, index);
      partition.records.length = lowerBound(partition.records, end);
      partition.end = Math.max(partition.start, Math.min(partition.end, end));
      partition.lastAppendedAt = partition.records.at(-1)?.appendedAt ?? -Infinity;
      wake(partition);
    },
    recreate(topic, partitions) {
      const old = topicOf(topic);
      const count = partitions ?? old.partitions.length;
      topics.set(topic, { logVersion: old.logVersion + 1, settings: old.settings, partitions: Array.from({ length: count }, newPartition) });
      old.partitions.forEach(wake);
    },
    configure(topic, settings) {
      const found = topicOf(topic);
      found.settings = { ...found.settings, ...settings };
    },
    records: (topic, index) => [...partitionOf(topic, index).records],
  };
}

function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === "string" ? encoder.encode(value) : value.slice();
}

/** Index of the first record at or above `offset`. */
function lowerBound(records: readonly LogRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (records[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function batchFrom(at: { topic: string; logVersion: number; partition: number }, partition: Partition, position: number, maxRecords: number): RawBatch {
  const from = lowerBound(partition.records, position);
  let until = from;
  let bytes = 0;
  while (until < partition.records.length && until - from < maxRecords) {
    const { key, value } = partition.records[until]!;
    bytes += (value?.length ?? 0) + (key?.length ?? 0);
    if (bytes > MAX_BATCH_BYTES && until > from) break;
    until++;
  }
  const next = partition.records[until];
  return rawBatchOf(at, partition.records.slice(from, until), { position: next ? partition.records[until - 1]!.offset + 1 : partition.end, end: partition.end });
}

/** Resolves when the partition has changed or the log is closed; rejects when aborted. */
function changed(partition: Partition, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onChange = (): void => {
      partition.waiting.delete(onChange);
      stop();
      resolve();
    };
    const stop = onAbort(signal, () => {
      partition.waiting.delete(onChange);
      reject(signal.reason as Error);
    });
    partition.waiting.add(onChange);
  });
}
