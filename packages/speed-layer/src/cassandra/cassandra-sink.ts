import { ClosedError, MillraceError, SinkWriteError, writeTimestamp } from "@millrace/core";
import type { Sink, SinkBatch } from "@millrace/core";
import type { CassandraAccess } from "./cassandra-access.js";
import type { CassandraStatement } from "./cassandra-client.js";
import { CassandraError } from "./cassandra-error.js";
import { CassandraSession } from "./cassandra-session.js";
import type { ConsistencyChoice } from "./consistency.js";
import { cqlName } from "./cql-names.js";
import { bigintBytes, blobBytes, intBytes } from "./cql-values.js";
import { qualified } from "./view-statements.js";

/** What `cassandraSink` takes, besides how to reach Cassandra. */
export interface CassandraSinkSettings<R> {
  readonly keyspace: string;
  /** A table of yours, as it is written: lower case, unless it was created quoted. */
  readonly table: string;
  /** Columns to write, the whole primary key among them: each with the row's field, or what makes its value. */
  readonly columns: Readonly<Record<string, (keyof R & string) | ((row: R) => unknown)>>;
  /** A statement to run before the first write: `CREATE TABLE IF NOT EXISTS ...`. */
  readonly create?: string;
  /** Default `cassandra.<table>`. */
  readonly name?: string;
  /** Rows leave so many seconds after they are written. Default: never. */
  readonly ttlSeconds?: number;
  /**
   * What a null does: `"write"` (the default) takes the value of an older row of the same key away, and is a tombstone;
   * `"leave"` leaves the column as it is, right where every row has a key of its own.
   */
  readonly nulls?: "write" | "leave";
  /** Default "exact". */
  readonly consistency?: ConsistencyChoice;
  /** Requests that wait for an answer at the same time. Default 16. */
  readonly inFlight?: number;
}

/** What `cassandraSink` takes. */
export type CassandraSinkOptions<R> = CassandraAccess & CassandraSinkSettings<R>;

/** Rows of one partition key that go together. */
const BATCH_ROWS = 50;

/**
 * Rows in a Cassandra table of yours. A row of the same primary key is replaced by a later one of the log, never by an
 * earlier one: every row carries the timestamp of its batch's place in the log. So a replay changes nothing, and leaves one copy.
 * Rows of one key must come from one partition of the topic, as they do where the key is the record's; positions of
 * different partitions have no order.
 *
 * Values: text, numbers, bigints, booleans, `Date` or epoch ms, bytes. Fails with a {@link SinkWriteError}, retryable where it may pass.
 *
 * @example
 * const logins = cassandraSink<{ readonly userId: number; readonly ts: Date; readonly level: string | null }>({
 *   contactPoints: ["127.0.0.1"], localDataCenter: "datacenter1", keyspace: "music", table: "user_login",
 *   columns: { userid: "userId", ts: "ts", level: "level" },
 *   create: "CREATE TABLE IF NOT EXISTS music.user_login (userid bigint, ts timestamp, level text, PRIMARY KEY ((userid), ts))",
 * });
 */
export function cassandraSink<R extends object>(options: CassandraSinkOptions<R>): Sink<R> {
  const { keyspace, table, create, ttlSeconds, consistency = "exact", inFlight = 16, nulls = "write", name = `cassandra.${table}` } = options;
  if (ttlSeconds !== undefined && !(Number.isSafeInteger(ttlSeconds) && ttlSeconds > 0)) {
    throw new RangeError(`making sink "${name}": ttlSeconds is ${ttlSeconds}, a positive integer is needed`);
  }
  const session = new CassandraSession({ name, adapter: "the Cassandra sink", access: options, keyspace, consistency, inFlight });
  const columns = Object.entries(options.columns) as [string, (keyof R & string) | ((row: R) => unknown)][];
  const query =
    `INSERT INTO ${qualified(keyspace, table)} (${columns.map(([column]) => cqlName(column)).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})` +
    ` USING TIMESTAMP ?${ttlSeconds === undefined ? "" : " AND TTL ?"}`;
  const ttl = ttlSeconds === undefined ? [] : [intBytes(ttlSeconds)];
  const absent = nulls === "write" ? null : undefined;
  let keys: Promise<TableKeys> | undefined;
  let closed = false;

  const findKeys = async (signal: AbortSignal): Promise<TableKeys> => {
    const doing = `preparing table "${table}" of sink "${name}"`;
    if (create !== undefined) await session.changeSchema(doing, create, signal);
    const rows = await session.readSchema(doing, "SELECT column_name, kind FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?", [keyspace, table], signal);
    if (rows.length === 0) {
      throw new CassandraError(doing, "missing-table", `there is no table "${table}" in keyspace "${keyspace}"`, { advice: "create it, or give the sink `create` with its CREATE TABLE IF NOT EXISTS" });
    }
    const there = new Map(rows.map((row) => [row["column_name"] as string, row["kind"] as string]));
    const unknown = columns.find(([column]) => !there.has(column));
    if (unknown !== undefined) throw new CassandraError(doing, "schema", `there is no column "${unknown[0]}"`, { advice: "name columns as the table does: lower case, unless they were created quoted" });
    const of = (kind: string): string[] => [...there].filter(([, its]) => its === kind).map(([column]) => column);
    const lacking = [...of("partition_key"), ...of("clustering")].find((column) => !columns.some(([written]) => written === column));
    if (lacking !== undefined) throw new CassandraError(doing, "schema", `column "${lacking}" of the primary key is not written`, { advice: "name it in `columns`" });
    const positions = (kind: string): number[] => of(kind).map((column) => columns.findIndex(([written]) => written === column));
    return { partition: positions("partition_key"), clustering: positions("clustering") };
  };

  return {
    name,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      if (batch.rows.length === 0) return;
      try {
        keys ??= findKeys(signal).catch((error: unknown) => {
          keys = undefined;
          throw error;
        });
        const { partition, clustering } = await keys;
        const timestamp = bigintBytes(writeTimestamp(batch.logVersion, batch.until));
        // Equal timestamps are decided cell by cell: of rows with one key the last alone is written.
        const newest = new Map<string, { readonly partition: string; readonly statement: CassandraStatement }>();
        for (const row of batch.rows) {
          const values = columns.map(([, value]) => encoded(typeof value === "function" ? value(row) : row[value]) ?? absent);
          const partitionId = idOf(values, partition);
          const id = `${partitionId}/${idOf(values, clustering)}`;
          newest.set(id, { partition: partitionId, statement: { query, params: [...values, timestamp, ...ttl] } });
        }
        await session.writeAll(`writing batch "${batch.id}" to sink "${name}"`, byPartition(newest.values()), signal);
      } catch (cause) {
        signal.throwIfAborted();
        throw failed(name, batch, cause);
      }
    },
    async close() {
      closed = true;
      await session.close();
    },
  };
}

interface TableKeys {
  /** Positions of the key's columns among those written. */
  readonly partition: readonly number[];
  readonly clustering: readonly number[];
}

function* byPartition(rows: Iterable<{ readonly partition: string; readonly statement: CassandraStatement }>): Generator<readonly CassandraStatement[]> {
  const open = new Map<string, CassandraStatement[]>();
  for (const { partition, statement } of rows) {
    const batch = open.get(partition);
    if (batch === undefined) open.set(partition, [statement]);
    else if (batch.push(statement) >= BATCH_ROWS || bytesOf(statement) > LARGE_ROW_BYTES) {
      yield batch;
      open.delete(partition);
    }
  }
  yield* open.values();
}

/** A row of so many bytes ends its batch. */
const LARGE_ROW_BYTES = 32 * 1_024;

function bytesOf({ params }: CassandraStatement): number {
  return params.reduce<number>((sum, value) => sum + (typeof value === "string" || Buffer.isBuffer(value) ? value.length : 8), 0);
}

function encoded(value: unknown): unknown {
  if (typeof value === "bigint") return bigintBytes(value);
  return value instanceof Uint8Array && !Buffer.isBuffer(value) ? blobBytes(value) : value;
}

function idOf(values: readonly unknown[], positions: readonly number[]): string {
  return JSON.stringify(positions.map((position) => (Buffer.isBuffer(values[position]) ? values[position].toString("hex") : values[position])));
}

function failed(name: string, batch: SinkBatch<unknown>, cause: unknown): MillraceError {
  if (cause instanceof ClosedError || !(cause instanceof MillraceError)) return cause as MillraceError;
  const { advice, retryable } = cause;
  return new SinkWriteError(name, batch, cause.message, { retryable, cause, ...(advice === undefined ? {} : { advice }) });
}
