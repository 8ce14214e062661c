import type { Database } from "lmdb";
import { systemClock } from "../clock/system-clock.js";
import { onAbort } from "../delivery/on-abort.js";
import { ClosedError } from "../errors/closed-error.js";
import { InvalidRecordError } from "../errors/invalid-record-error.js";
import { checkTopic } from "../errors/invalid-topic-error.js";
import { LogTrimmedError } from "../errors/log-trimmed-error.js";
import { OffsetBeyondEndError } from "../errors/offset-beyond-end-error.js";
import { StorageError } from "../errors/storage-error.js";
import { UnknownTopicError } from "../errors/unknown-topic-error.js";
import { keyHashPartitioner } from "../log/partitioner.js";
import { FIRST_LOG_VERSION } from "../log/position.js";
import { sliceRawBatch } from "../log/raw-batch.js";
import type { NewRecord, RawBatch } from "../log/raw-batch.js";
import type { Clock } from "../ports/clock.js";
import type { Appended, EventLog, ReadRequest, TopicDescription } from "../ports/event-log.js";
import { ChangeWatch } from "./change-watch.js";
import { openLmdb } from "./lmdb-environment.js";
import type { LmdbEnvironment } from "./lmdb-environment.js";
import { ChunkBytes } from "./chunk-bytes.js";
import { MAX_CHUNK_BYTES, MAX_CHUNK_RECORDS, decodeChunks, encodeChunk, firstAppendedSince, readChunkInfo, recordBytes } from "./record-chunk.js";

/** Written when a log is created; another number is refused. */
const FORMAT_VERSION = 1;
/** A batch stops before the chunk that would exceed this. */
const MAX_BATCH_BYTES = 16 * 2 ** 20;
/** Appends of more bytes than this do not share a transaction, so that no transaction grows without bound. */
const MAX_TRANSACTION_BYTES = 64 * 2 ** 20;
/** Larger records are refused: a batch indexes its bytes with 32 bits. */
const MAX_RECORD_BYTES = 512 * 2 ** 20;
/** Chunks that one transaction of `trim` removes. */
const TRIMMED_CHUNKS = 1_000;

/** What `lmdbLog` takes. */
export interface LmdbLogOptions {
  /** The log's folder; created when absent. */
  readonly path: string;
  /** Stamps records inside the write transaction. Default: the system's. */
  readonly clock?: Clock;
  /** Default `lmdb`. */
  readonly name?: string;
}

/** A record whose broker time comes from a simulated past. */
export interface StampedRecord extends NewRecord {
  /** Epoch ms; raised to that of the record before it in the partition when lower. Default: the clock. */
  readonly appendedAt?: number;
}

/** An embedded log on LMDB, shared between processes of one machine. */
export interface LmdbLog extends EventLog {
  /** As in {@link EventLog}; records may also bring the broker time of a simulated past, which never steps back either. */
  append(topic: string, records: readonly StampedRecord[], signal: AbortSignal): Promise<readonly Appended[]>;
  /** Removes the records below an offset. Readings below it fail. */
  trim(topic: string, partition: number, below: number, signal: AbortSignal): Promise<void>;
  /** Deletes a topic's records and starts it again at offset 0 under the next log version. Readings of the old one fail. */
  recreateTopic(topic: string, options: { readonly partitions: number }, signal: AbortSignal): Promise<void>;
}

interface TopicRow {
  /** Of this incarnation; never used again. */
  readonly id: number;
  readonly logVersion: number;
  readonly partitions: number;
}

interface PartitionRow {
  start: number;
  end: number;
  lastAppendedAt: number;
}

interface OpenLog {
  readonly environment: LmdbEnvironment;
  /** Topic name -> {@link TopicRow} as JSON. */
  readonly topics: Database<Buffer, Buffer>;
  /** Topic id, partition -> start, end, last broker time. */
  readonly partitions: Database<Buffer, Buffer>;
  /** Topic id, partition, offset of the chunk's last record -> chunk. */
  readonly chunks: Database<Buffer, Buffer>;
  readonly watch: ChangeWatch;
}

interface PendingAppend {
  readonly topic: string;
  readonly topicId: number;
  readonly records: readonly StampedRecord[];
  readonly partitionOf: Int32Array;
  readonly bytes: number;
  readonly resolve: (appended: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

const CHANGES_KEY = Buffer.from("changes");
const NEXT_TOPIC_KEY = Buffer.from("nextTopic");

/**
 * A log in one folder, for any number of processes: records lie in chunks of up to 1,000, stamped and numbered inside
 * the write transaction, so broker time never steps back within a partition. `append` resolves when its transaction is
 * on disk; appends that wait meanwhile share the next one. Opens nothing before first use.
 *
 * Records without a partition go by key hash as Kafka's producers do, or round robin without a key.
 */
export function lmdbLog(options: LmdbLogOptions): LmdbLog {
  const name = options.name ?? "lmdb";
  const clock = options.clock ?? systemClock();
  const partitionFor = keyHashPartitioner();
  let opening: Promise<OpenLog> | undefined;
  let closed = false;
  let pending: PendingAppend[] = [];
  let committing: Promise<void> | undefined;

  const opened = async (doing: string, signal: AbortSignal): Promise<OpenLog> => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, doing);
    opening ??= openLog(options.path).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const open = await opening;
    signal.throwIfAborted();
    return open;
  };

  /** Commits what waits, one transaction after the other, until nothing waits. */
  const commitPending = async (log: OpenLog): Promise<void> => {
    while (pending.length > 0) {
      let count = 0;
      for (let bytes = 0; count < pending.length; count++) {
        bytes += pending[count]!.bytes;
        if (count > 0 && bytes > MAX_TRANSACTION_BYTES) break;
      }
      const group = pending.slice(0, count);
      pending = pending.slice(count);
      try {
        const results = await log.environment.transaction("appending records", () => appendGroup(log, name, group, clock));
        group.forEach(({ resolve, reject }, i) => {
          const result = results[i]!;
          if (result instanceof Error) reject(result);
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    committing = undefined;
  };

  return {
    name,
    async describe(topic, signal): Promise<TopicDescription> {
      const log = await opened("describing a topic of log", signal);
      // Whoever knows the end knows of every record that was stamped before: a quiet segment is closed by that.
      await log.environment.settled("describing a topic");
      const snapshot = new Snapshot(log);
      const row = snapshot.topic(topic);
      if (!row) throw new UnknownTopicError(name, topic);
      return {
        topic,
        timestamps: "append",
        retentionMs: null,
        compacted: false,
        partitions: Array.from({ length: row.partitions }, (_, partition) => {
          const { start, end } = snapshot.partition(row.id, partition);
          return { partition, logVersion: row.logVersion, start, end };
        }),
      };
    },
    async topics(signal) {
      const log = await opened("listing topics of log", signal);
      log.environment.root.resetReadTxn();
      return [...log.topics.getKeys({})].map((key) => key.toString()).sort();
    },
    async createTopic(topic, { partitions }, signal) {
      checkTopic(topic, partitions);
      const log = await opened("creating a topic of log", signal);
      const existing = new Snapshot(log).topic(topic);
      if (existing && existing.partitions >= partitions) return;
      await log.environment.transaction(`creating topic "${topic}"`, () => {
        const row = readTopic(log, topic);
        if (row && row.partitions >= partitions) return;
        putTopic(log, topic, row ? { ...row, partitions } : { id: takeTopicId(log), logVersion: FIRST_LOG_VERSION, partitions });
      });
    },
    async recreateTopic(topic, { partitions }, signal) {
      checkTopic(topic, partitions);
      const log = await opened("creating a topic of log", signal);
      await log.environment.transaction(`re-creating topic "${topic}"`, () => {
        const row = readTopic(log, topic);
        if (!row) throw new UnknownTopicError(name, topic);
        putTopic(log, topic, { id: takeTopicId(log), logVersion: row.logVersion + 1, partitions });
        for (let partition = 0; partition < row.partitions; partition++) {
          log.partitions.removeSync(partitionKey(row.id, partition));
          for (const key of [...log.chunks.getKeys({ start: chunkKey(row.id, partition, 0), end: chunkKey(row.id, partition + 1, 0) })]) {
            log.chunks.removeSync(key);
          }
        }
      });
    },
    async *read(request: ReadRequest, signal: AbortSignal) {
      const log = await opened("reading log", signal);
      const { topic, partition, maxRecords = 10_000 } = request;
      let position = request.from;
      let logVersion: number | undefined;
      let toldEnd = false;
      for (;;) {
        signal.throwIfAborted();
        if (closed) return;
        const snapshot = new Snapshot(log);
        const row = snapshot.topic(topic);
        if (!row) throw new UnknownTopicError(name, topic);
        if (partition >= row.partitions) throw new UnknownTopicError(name, topic, partition);
        const { start, end } = snapshot.partition(row.id, partition);
        logVersion ??= row.logVersion;
        if (row.logVersion !== logVersion || position > end) throw new OffsetBeyondEndError(topic, partition, position, end);
        if (position < start) throw new LogTrimmedError(topic, partition, position, start);
        if (position === end && toldEnd) {
          await log.watch.changed(snapshot.changes, signal);
          continue;
        }
        const batch = snapshot.batch({ topic, logVersion, partition }, row.id, position, end, maxRecords);
        toldEnd = batch.length === 0;
        position = batch.position;
        yield batch;
      }
    },
    async offsetAt(topic, partition, instant, signal) {
      const log = await opened("reading log", signal);
      const snapshot = new Snapshot(log);
      const row = snapshot.topic(topic);
      if (!row) throw new UnknownTopicError(name, topic);
      if (partition >= row.partitions) throw new UnknownTopicError(name, topic, partition);
      const { start, end } = snapshot.partition(row.id, partition);
      // Broker time never steps back, so the first record at or above the instant is found by halving.
      let low = start;
      let high = end;
      while (low < high) {
        const chunk = snapshot.chunkAt(row.id, partition, Math.floor((low + high) / 2));
        const { first, count, firstAppendedAt, lastAppendedAt } = readChunkInfo(chunk);
        if (lastAppendedAt < instant) low = first + count;
        else if (firstAppendedAt >= instant) high = first;
        else return Math.max(start, first + firstAppendedSince(chunk, instant));
      }
      return Math.max(start, low);
    },
    async append(topic, records, signal) {
      const log = await opened("appending to log", signal);
      const row = new Snapshot(log).topic(topic);
      if (!row) throw new UnknownTopicError(name, topic);
      if (records.length === 0) return [];
      const partitionOf = new Int32Array(records.length);
      let bytes = 0;
      for (let i = 0; i < records.length; i++) {
        const record = records[i]!;
        const partition = record.partition ?? partitionFor(record, row.partitions);
        if (!Number.isInteger(partition) || partition < 0 || partition >= row.partitions) {
          throw new InvalidRecordError(topic, i, `there is no partition ${partition}`);
        }
        const size = recordBytes(record);
        if (size > MAX_RECORD_BYTES) throw new InvalidRecordError(topic, i, `its ${size} bytes exceed the limit of ${MAX_RECORD_BYTES}`);
        partitionOf[i] = partition;
        bytes += size;
      }
      return new Promise((resolve, reject) => {
        const own: PendingAppend = {
          topic,
          topicId: row.id,
          records,
          partitionOf,
          bytes,
          resolve: (appended) => {
            stop();
            resolve(appended);
          },
          reject: (error) => {
            stop();
            reject(error as Error);
          },
        };
        // Once in a transaction it is too late: then the append tells what became of it.
        const stop = onAbort(signal, () => {
          if (!pending.includes(own)) return;
          pending = pending.filter((other) => other !== own);
          own.reject(signal.reason);
        });
        pending.push(own);
        committing ??= commitPending(log);
      });
    },
    async trim(topic, partition, below, signal) {
      const log = await opened("trimming log", signal);
      for (let more = true; more; ) {
        signal.throwIfAborted();
        more = await log.environment.transaction(`trimming topic "${topic}"`, () => trimSome(log, name, topic, partition, below));
      }
    },
    async close() {
      if (closed && !opening) return;
      closed = true;
      const log = await opening?.catch(() => undefined);
      opening = undefined;
      if (!log) return;
      await committing;
      log.watch.close();
      await log.environment.close();
    },
  };
}

async function openLog(path: string): Promise<OpenLog> {
  const environment = await openLmdb(path, { user: "the embedded log", format: `log ${FORMAT_VERSION}`, databases: ["topics", "partitions", "chunks"] });
  const watch = new ChangeWatch(environment, () => {
    environment.root.resetReadTxn();
    return readChanges(environment);
  });
  return { environment, ...environment.databases, watch };
}

/** Reads of one moment: to be used up before anything else is awaited. */
class Snapshot {
  readonly #log: OpenLog;
  /** What {@link ChangeWatch} compares. */
  readonly changes: number;

  constructor(log: OpenLog) {
    this.#log = log;
    log.environment.root.resetReadTxn();
    this.changes = readChanges(log.environment);
  }

  topic(topic: string): TopicRow | undefined {
    return readTopic(this.#log, topic);
  }

  partition(topicId: number, partition: number): PartitionRow {
    return readPartition(this.#log, topicId, partition);
  }

  /** The chunk that holds `offset`, which must exist. */
  chunkAt(topicId: number, partition: number, offset: number): Buffer {
    for (const { value } of this.#log.chunks.getRange({ start: chunkKey(topicId, partition, offset), end: chunkKey(topicId, partition + 1, 0), limit: 1 })) {
      return value;
    }
    throw new StorageError(`reading offset ${offset} of partition ${partition}: its chunk is missing`, this.#log.environment.path);
  }

  batch(at: { topic: string; logVersion: number; partition: number }, topicId: number, position: number, end: number, maxRecords: number): RawBatch {
    const chunks = new ChunkBytes();
    let next = position;
    if (position < end) {
      for (const key of this.#log.chunks.getKeys({
        start: chunkKey(topicId, at.partition, position),
        end: chunkKey(topicId, at.partition + 1, 0),
      })) {
        const value = this.#fast(key);
        const { first, count } = readChunkInfo(value);
        if (chunks.count > 0 && (first + count - position > maxRecords || chunks.bytes + value.length > MAX_BATCH_BYTES)) break;
        if (first > next) throw new StorageError(`reading topic "${at.topic}" partition ${at.partition}: records [${next}, ${first}) are missing`, this.#log.environment.path);
        next = first + count;
        // What is left is most often chunks as large as this one.
        chunks.append(value, Math.min(MAX_BATCH_BYTES, value.length * Math.ceil((Math.min(end, position + maxRecords) - first) / count)));
        if (next - position >= maxRecords || chunks.bytes >= MAX_BATCH_BYTES || next >= end) break;
      }
      if (chunks.count === 0) throw new StorageError(`reading topic "${at.topic}" partition ${at.partition}: records [${position}, ${end}) are missing`, this.#log.environment.path);
    }
    const batch = decodeChunks(at, chunks, next, end);
    if (batch.length === 0) return batch;
    // The first chunk may start below what was asked for, and a chunk may hold more than a batch.
    const skipped = position - batch.offsets[0]!;
    return sliceRawBatch(batch, skipped, Math.min(batch.length, skipped + maxRecords));
  }

  /** A chunk in LMDB's own buffer: valid until the next read. A buffer of its own for each would make garbage as large as the log. */
  #fast(key: Buffer): Uint8Array {
    const bytes = this.#log.chunks.getBinaryFast(key)!;
    // Its `length` is the value's, while the array is longer.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Runs inside the write transaction: numbers, stamps and stores a group of appends; an error belongs to one of them. */
function appendGroup(log: OpenLog, name: string, group: readonly PendingAppend[], clock: Clock): (readonly Appended[] | Error)[] {
  const byPartition = new Map<string, { topicId: number; partition: number; records: StampedRecord[]; into: Appended[][]; at: number[] }>();
  const ids = new Map<string, number | undefined>();
  const results = group.map((append): Appended[] | Error => {
    if (!ids.has(append.topic)) ids.set(append.topic, readTopic(log, append.topic)?.id);
    if (ids.get(append.topic) !== append.topicId) return new UnknownTopicError(name, append.topic);
    const appended = new Array<Appended>(append.records.length);
    for (let i = 0; i < append.records.length; i++) {
      const partition = append.partitionOf[i]!;
      const key = `${append.topicId}/${partition}`;
      let target = byPartition.get(key);
      if (!target) byPartition.set(key, (target = { topicId: append.topicId, partition, records: [], into: [], at: [] }));
      target.records.push(append.records[i]!);
      target.into.push(appended);
      target.at.push(i);
    }
    return appended;
  });
  for (const { topicId, partition, records, into, at } of byPartition.values()) {
    const row = readPartition(log, topicId, partition);
    const times = new Float64Array(records.length);
    const now = Math.max(clock.now(), row.lastAppendedAt);
    for (let i = 0; i < records.length; i++) {
      row.lastAppendedAt = Math.max(records[i]!.appendedAt ?? now, row.lastAppendedAt);
      times[i] = row.lastAppendedAt;
      into[i]![at[i]!] = { partition, offset: row.end + i };
    }
    for (let from = 0; from < records.length; ) {
      let until = from;
      for (let bytes = 0; until < records.length && until - from < MAX_CHUNK_RECORDS; until++) {
        bytes += recordBytes(records[until]!);
        if (bytes > MAX_CHUNK_BYTES && until > from) break;
      }
      log.chunks.putSync(chunkKey(topicId, partition, row.end + until - 1), encodeChunk(records, from, until, row.end + from, times));
      from = until;
    }
    row.end += records.length;
    putPartition(log, topicId, partition, row);
  }
  raiseChanges(log.environment);
  return results;
}

/** Removes at most {@link TRIMMED_CHUNKS} chunks; true when there is more to do. */
function trimSome(log: OpenLog, name: string, topic: string, partition: number, below: number): boolean {
  const topicRow = readTopic(log, topic);
  if (!topicRow || partition >= topicRow.partitions) throw new UnknownTopicError(name, topic, topicRow && partition);
  const row = readPartition(log, topicRow.id, partition);
  const start = Math.min(Math.max(row.start, below), row.end);
  const lasts = [...log.chunks.getKeys({ start: chunkKey(topicRow.id, partition, 0), end: chunkKey(topicRow.id, partition, start), limit: TRIMMED_CHUNKS })];
  for (const key of lasts) log.chunks.removeSync(key);
  const more = lasts.length === TRIMMED_CHUNKS;
  // Chunks are keyed by their last offset: those below the last removed one are gone, whatever `start` is.
  putPartition(log, topicRow.id, partition, { ...row, start: more ? Math.max(row.start, offsetOf(lasts.at(-1)!) + 1) : start });
  raiseChanges(log.environment);
  return more;
}

function readTopic(log: Pick<OpenLog, "topics">, topic: string): TopicRow | undefined {
  if (topic === "") return undefined;
  const row = log.topics.get(Buffer.from(topic));
  return row && (JSON.parse(row.toString()) as TopicRow);
}

function putTopic(log: OpenLog, topic: string, row: TopicRow): void {
  log.topics.putSync(Buffer.from(topic), Buffer.from(JSON.stringify(row)));
  raiseChanges(log.environment);
}

function takeTopicId(log: OpenLog): number {
  const { root } = log.environment;
  const id = Number(root.get(NEXT_TOPIC_KEY)?.toString() ?? 1);
  root.putSync(NEXT_TOPIC_KEY, Buffer.from(`${id + 1}`));
  return id;
}

function readPartition(log: OpenLog, topicId: number, partition: number): PartitionRow {
  const row = log.partitions.get(partitionKey(topicId, partition));
  if (!row) return { start: 0, end: 0, lastAppendedAt: -Infinity };
  return { start: row.readDoubleLE(0), end: row.readDoubleLE(8), lastAppendedAt: row.readDoubleLE(16) };
}

function putPartition(log: OpenLog, topicId: number, partition: number, row: PartitionRow): void {
  const bytes = Buffer.alloc(24);
  bytes.writeDoubleLE(row.start, 0);
  bytes.writeDoubleLE(row.end, 8);
  bytes.writeDoubleLE(row.lastAppendedAt, 16);
  log.partitions.putSync(partitionKey(topicId, partition), bytes);
}

function readChanges({ root }: LmdbEnvironment): number {
  const bytes = root.get(CHANGES_KEY);
  return bytes ? bytes.readDoubleLE(0) : 0;
}

function raiseChanges(environment: LmdbEnvironment): void {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(readChanges(environment) + 1, 0);
  environment.root.putSync(CHANGES_KEY, bytes);
}

function partitionKey(topicId: number, partition: number): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  return key;
}

function chunkKey(topicId: number, partition: number, lastOffset: number): Buffer {
  const key = Buffer.allocUnsafe(16);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  key.writeBigUInt64BE(BigInt(lastOffset), 8);
  return key;
}

function offsetOf(key: Uint8Array): number {
  return Number(Buffer.from(key.buffer, key.byteOffset, key.length).readBigUInt64BE(8));
}
