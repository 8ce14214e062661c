import { systemClock, writeTimestamp } from "@millrace/core";
import type { Clock, Heartbeat, ProgressRow, SegmentId, ViewDefinition, ViewStore } from "@millrace/core";
import type { CassandraAccess } from "./cassandra-access.js";
import { CassandraError } from "./cassandra-error.js";
import { CassandraSchema } from "./cassandra-schema.js";
import { CassandraSession } from "./cassandra-session.js";
import { concurrently } from "./concurrently.js";
import { levelsOverlap } from "./consistency.js";
import type { ConsistencyChoice, ConsistencyLevel } from "./consistency.js";
import { bigintBytes, intBytes, toEpochMs } from "./cql-values.js";
import { NULL_TEXT } from "./dimension-text.js";
import {
  HEARTBEAT_COLUMNS,
  HEARTBEAT_TABLE,
  PROGRESS_COLUMNS,
  PROGRESS_TABLE,
  RECEIVED_COLUMNS,
  heartbeatOf,
  heartbeatValues,
  progressOf,
  progressValues,
  receivedValues,
  segmentOf,
} from "./progress-table.js";
import { rowBatches, rowColumns } from "./row-batches.js";
import { partialsOfRows, readColumns, segmentKey, wantedSegments } from "./segment-rows.js";
import { timeToLive } from "./time-to-live.js";
import { insertInto, selectFrom } from "./view-statements.js";

/** Progress outlives `coveredUntil` by two days: more than a day past any expiry of its rows. */
const PROGRESS_KEPT_MS = 2 * 86_400_000;
/** Heartbeats of workers that were silent for a week tell nothing any more. */
const HEARTBEAT_KEPT_MS = 7 * 86_400_000;
/** Queries of one read at the same time. More of them keep so many rows alive that collecting garbage costs as much again as reading. */
const QUERIES_AT_ONCE = 4;
/** Segments whose bucket is remembered: some MB. */
const REMEMBERED_SEGMENTS = 100_000;

/** What `cassandraStore` takes, besides how to reach Cassandra. */
export interface CassandraStoreSettings {
  readonly keyspace: string;
  /** Default "cassandra". */
  readonly name?: string;
  /** Whether `prepare` creates tables, adds columns and, with `replication`, creates the keyspace. Default true; else `millrace ddl --apply` does. */
  readonly createTables?: boolean;
  /** Data center -> copies: the keyspace is created with it when it does not exist. */
  readonly replication?: Readonly<Record<string, number>>;
  /** Default "exact". */
  readonly consistency?: ConsistencyChoice;
  /** Length of a `received` bucket of new tables, ms: about the longest segment. Default 15 minutes. */
  readonly bucketMs?: number;
  /** Cassandra partitions a bucket, of new tables. Default 1. */
  readonly shards?: number;
  /** Rows of one batch, all of one Cassandra partition. Default 200. */
  readonly batchRows?: number;
  /** Requests that wait for an answer at the same time, reads and writes apart. Default 16. */
  readonly inFlight?: number;
  /** Of new tables. Default `{ class: "UnifiedCompactionStrategy" }`; before Cassandra 5 name another. */
  readonly compaction?: Readonly<Record<string, string | number>>;
  /** Of new tables. Default four hours: longer than hints are kept. */
  readonly gcGraceSeconds?: number;
  /** Times to live are counted from its now. Default: the system's. */
  readonly clock?: Clock;
}

/** What `cassandraStore` takes. */
export type CassandraStoreOptions = CassandraAccess & CassandraStoreSettings;

/**
 * Views in Cassandra, one table a view with plain columns, for any number of processes. Rows carry timestamps of the log,
 * so that repeats and older versions change nothing, and leave by their time to live. Opens nothing before first use.
 *
 * @throws {RangeError} for numbers that cannot be. Calls fail with a {@link CassandraError}, retryable where it may pass.
 *
 * @example
 * const store = cassandraStore({ contactPoints: ["127.0.0.1"], localDataCenter: "datacenter1", keyspace: "millrace" });
 */
export function cassandraStore(options: CassandraStoreOptions): ViewStore {
  const { keyspace, name = "cassandra", clock = systemClock(), consistency = "exact", createTables = true } = options;
  const positive = (setting: string, value: number): number => {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`making store "${name}": ${setting} is ${value}, a positive integer is needed`);
    return value;
  };
  const layout = { bucketMs: 1_000 * positive("bucketMs / 1,000", (options.bucketMs ?? 900_000) / 1_000), shards: positive("shards", options.shards ?? 1) };
  const batchRows = positive("batchRows", options.batchRows ?? 200);
  const inFlight = positive("inFlight", options.inFlight ?? 16);
  const session = new CassandraSession({ name, adapter: "the Cassandra view store", access: options, keyspace, consistency, inFlight });
  const schema = new CassandraSchema({
    session,
    layout,
    replication: options.replication,
    compaction: options.compaction ?? { class: "UnifiedCompactionStrategy" },
    gcGraceSeconds: options.gcGraceSeconds ?? 14_400,
  });

  const insertProgress = insertInto(keyspace, PROGRESS_TABLE, PROGRESS_COLUMNS.map((column) => column.name));
  const insertReceived = insertInto(keyspace, PROGRESS_TABLE, RECEIVED_COLUMNS);
  const insertHeartbeat = insertInto(keyspace, HEARTBEAT_TABLE, HEARTBEAT_COLUMNS.map((column) => column.name), "TTL ?");
  const ofTopic = ["fingerprint =", "topic ="];
  const selectProgress = selectFrom(keyspace, PROGRESS_TABLE, PROGRESS_COLUMNS.slice(2).map((column) => column.name), ofTopic);
  const selectReceived = selectFrom(keyspace, PROGRESS_TABLE, RECEIVED_COLUMNS.slice(2), ofTopic);
  const selectHeartbeats = selectFrom(keyspace, HEARTBEAT_TABLE, HEARTBEAT_COLUMNS.slice(1).map((column) => column.name), ["topic ="]);

  /**
   * `receivedAt` of segments by fingerprint and name: a function of the log, so that it never changes. What is here is in the
   * progress table.
   */
  const receivedAt = new Map<string, number>();
  const keyOf = (fingerprint: string, segment: SegmentId): string => `${fingerprint}/${segmentKey(segment)}`;
  const remember = (key: string, instant: number): void => {
    if (receivedAt.size >= REMEMBERED_SEGMENTS) receivedAt.clear();
    receivedAt.set(key, instant);
  };

  const findReceived = async (fingerprint: string, topic: string, signal: AbortSignal): Promise<void> => {
    for await (const rows of session.read(`reading segments of topic "${topic}"`, selectReceived, [fingerprint, topic], signal)) {
      for (const row of rows) remember(keyOf(fingerprint, segmentOf(topic, row)), toEpochMs(row["received_at"]));
    }
  };

  /** Segments by the bucket that they lie in; those that nobody ever wrote to are left out. */
  const bucketsOf = async (view: ViewDefinition, segments: readonly SegmentId[], bucketMs: number, signal: AbortSignal) => {
    const unknown = new Set(segments.filter((segment) => !receivedAt.has(keyOf(view.fingerprint, segment))).map(({ topic }) => topic));
    for (const topic of unknown) await findReceived(view.fingerprint, topic, signal);
    const buckets = new Map<string, { readonly topic: string; readonly bucket: number; readonly segments: Set<SegmentId> }>();
    for (const segment of segments) {
      const instant = receivedAt.get(keyOf(view.fingerprint, segment));
      if (instant === undefined) continue;
      const bucket = Math.floor(instant / bucketMs) * bucketMs;
      const id = `${bucket}/${segment.topic}`;
      let of = buckets.get(id);
      if (of === undefined) buckets.set(id, (of = { topic: segment.topic, bucket, segments: new Set() }));
      of.segments.add(segment);
    }
    return [...buckets.values()];
  };

  return {
    name,
    get overlapping() {
      // Until the replication is known: what was chosen by name says it, and levels of one's own are not trusted.
      return session.rule?.overlapping ?? consistency === "exact";
    },
    schema: {
      statements: (views) => schema.statements(views),
      apply: (views, signal) => schema.apply(views, signal),
      async locate(view, signal) {
        const { table, layout, dimensions, cells } = await schema.locate(view, signal);
        return {
          schema: keyspace,
          table,
          progressTable: PROGRESS_TABLE,
          ...layout,
          dimensions: dimensions.map(({ column, nullColumn, text }) => ({ column, ...(nullColumn === undefined ? {} : { nullColumn }), ...(text ? { nullText: NULL_TEXT } : {}) })),
          cells: cells.map(({ column }) => column),
        };
      },
    },
    async prepare(views, signal) {
      if (createTables) await schema.apply(views, signal);
      try {
        await schema.check(views, signal);
      } catch (error) {
        // What was just created, or seen, is not known to the node that was asked: one that stood still meanwhile.
        if (createTables && error instanceof CassandraError && (error.failure === "missing-keyspace" || error.failure === "missing-table")) {
          throw new CassandraError("preparing store", "unavailable", "the nodes do not agree on the schema yet", { cause: error });
        }
        throw error;
      }
      await session.levels("preparing store", signal);
    },
    async write(view, partials, expiresAt, signal) {
      await session.open("writing to store", signal);
      if (partials.length === 0) return;
      const doing = `writing rows of view "${view.name}"`;
      const { segment } = partials;
      const key = keyOf(view.fingerprint, segment);
      const received = partials.receivedAt ?? receivedAt.get(key);
      if (received === undefined) {
        throw new CassandraError(doing, "invalid", `rows of segment "${segmentKey(segment)}" come without the broker time of its first record`, { advice: "give `receivedAt` with the partials" });
      }
      const ttl = timeToLive(doing, expiresAt, clock.now());
      const table = await schema.locate(view, signal);
      const bucket = Math.floor(received / table.layout.bucketMs) * table.layout.bucketMs;
      const query = insertInto(keyspace, table.table, rowColumns(table));
      // Before any row: who finds rows must find their bucket.
      if (!receivedAt.has(key)) {
        const values = [
          ...receivedValues({ fingerprint: view.fingerprint, segment, receivedAt: received }),
          bigintBytes(writeTimestamp(segment.logVersion, segment.first)),
          timeToLive(doing, expiresAt + PROGRESS_KEPT_MS, clock.now()),
        ];
        await session.write(doing, { query: insertReceived, params: values }, signal);
        remember(key, received);
      }
      await session.writeRows(doing, rowBatches(partials, { table, view, query, bucket, ttl, batchRows }), signal);
    },
    async writeProgress(rows, signal) {
      const doing = "writing progress";
      await session.open("writing to store", signal);
      if (rows.length === 0) return;
      const { write } = await session.levels(doing, signal);
      const now = clock.now();
      const byPartition = new Map<string, ProgressRow[]>();
      for (const row of rows) {
        const id = `${row.fingerprint}/${row.segment.topic}`;
        const same = byPartition.get(id);
        if (same) same.push(row);
        else byPartition.set(id, [row]);
      }
      const batches = [...byPartition.values()].map((same) =>
        same.map((row) => ({
          query: insertProgress,
          params: [...progressValues(row, write), bigintBytes(writeTimestamp(row.segment.logVersion, row.version)), timeToLive(doing, row.coveredUntil + PROGRESS_KEPT_MS, now)],
        })),
      );
      await session.writeAll(doing, batches, signal);
      for (const row of rows) remember(keyOf(row.fingerprint, row.segment), row.receivedAt);
    },
    async readProgress(fingerprint, topic, signal) {
      const { read, replication } = await session.levels("reading store", signal);
      const now = clock.now();
      const found: ProgressRow[] = [];
      for await (const rows of session.read(`reading progress of topic "${topic}"`, selectProgress, [fingerprint, topic], signal)) {
        for (const each of rows) {
          const progress = progressOf(fingerprint, topic, each);
          if (progress === undefined || progress.row.coveredUntil + PROGRESS_KEPT_MS <= now) continue;
          const { row, writeConsistency } = progress;
          remember(keyOf(fingerprint, row.segment), row.receivedAt);
          // Written as one process does and read as this one does: both together decide.
          const overlapping = row.overlapping && levelsOverlap(read, writeConsistency as ConsistencyLevel, replication);
          found.push(overlapping === row.overlapping ? row : { ...row, overlapping });
        }
      }
      return found;
    },
    async *read({ view, segments, from, until }, signal) {
      await session.open("reading store", signal);
      if (segments.length === 0) return;
      const doing = `reading rows of view "${view.name}"`;
      const table = await schema.locate(view, signal);
      const buckets = await bucketsOf(view, segments, table.layout.bucketMs, signal);
      const conditions = ["fingerprint =", "topic =", "received =", "shard =", "window_start >=", "window_start <"];
      const query = selectFrom(keyspace, table.table, readColumns(table), conditions);
      const [first, end] = [bigintBytes(instantOf(from)), bigintBytes(instantOf(until))];
      const sources = buckets.flatMap(({ topic, bucket, segments: of }) => {
        const wanted = wantedSegments(of);
        return Array.from({ length: table.layout.shards }, (_, shard) => async function* () {
          for await (const rows of session.read(doing, query, [view.fingerprint, topic, bigintBytes(bucket), intBytes(shard), first, end], signal)) {
            yield partialsOfRows(rows, table, wanted);
          }
        });
      });
      for await (const page of concurrently(sources, QUERIES_AT_ONCE)) yield* page;
    },
    async writeHeartbeat(heartbeat, signal) {
      const params = [...heartbeatValues(heartbeat), intBytes(HEARTBEAT_KEPT_MS / 1_000)];
      await session.write("writing a heartbeat", { query: insertHeartbeat, params }, signal);
    },
    async readHeartbeats(topic, signal) {
      const found: Heartbeat[] = [];
      for await (const rows of session.read(`reading heartbeats of topic "${topic}"`, selectHeartbeats, [topic], signal)) {
        found.push(...rows.map((row) => heartbeatOf(topic, row)));
      }
      return found;
    },
    async sweep(_now, signal) {
      // Rows leave by their time to live.
      await session.open("sweeping store", signal);
    },
    async close() {
      await session.close();
    },
  };
}

/** A bound of windows that a `timestamp` can hold. */
function instantOf(instant: number): number {
  return Math.max(-8.64e15, Math.min(8.64e15, Math.ceil(instant)));
}
