import { collectRows, ClosedError, SinkWriteError, SqlError, type ColumnDefinition, type Columns, type FileSystem, type Sink, type SinkBatch, type SqlEngine } from "@millrace/core";
import { evolveTable, hiveTables } from "./evolve-table.js";
import { sparkLocation } from "./spark-location.js";
import { sparkText } from "./spark-scan.js";

/** What {@link hiveSink} takes. */
export interface HiveSinkOptions<R extends object> {
  /** Where the files lie; the server must reach them by the uris of this file system. */
  readonly files: FileSystem;
  /** A `hiveEngine`. It stays open when the sink is closed. */
  readonly engine: SqlEngine;
  /** Made where there is none. Default "millrace". */
  readonly database?: string;
  readonly table: string;
  /** The columns of the table, in order, by the names of the rows' fields. Those that are added later are null in older rows. */
  readonly columns: Columns;
  /** Rows go into a partition each: its column, and the text that a row has there. Default: the table has no partitions. */
  readonly partition?: { readonly column: string; readonly of: (row: R) => string };
  /** Folder of the table. Default `sinks/<database>/<table>`. */
  readonly folder?: string;
  /** Default "hive". */
  readonly name?: string;
}

/**
 * Writes rows into an external table of Parquet files in a Hive metastore. A batch is a file in each partition that it has
 * rows of, named after the batch, so that a replay replaces it by the same; a partition is registered with its first
 * file. The table is made, or given the columns that it lacks, before the first file.
 *
 * @throws {CatalogConflictError} on the first write, before anything is written, when the table has a column of another type.
 * @throws {RangeError} on writing a row whose value its column cannot hold.
 */
export function hiveSink<R extends object>({ files, engine, database = "millrace", table, columns, partition, folder = `sinks/${database}/${table}`, name = "hive" }: HiveSinkOptions<R>): Sink<R> {
  const { dialect } = engine;
  const id = (column: string) => dialect.identifier(column);
  const at = `${id(database)}.${id(table)}`;
  const location = (path: string) => sparkLocation(files, path);
  if (partition !== undefined && Object.hasOwn(columns, partition.column)) throw new RangeError(`opening sink "${name}": "${partition.column}" is a column, and cannot be that of partitions as well`);
  // A metastore cannot look for partitions by other names.
  if (partition !== undefined && !/^[a-z]\w*$/i.test(partition.column)) throw new RangeError(`opening sink "${name}": "${partition.column}" cannot be the column of partitions: it must be letters, digits and "_", and begin with a letter`);
  let closed = false;
  let isReady = false;
  /** Values of partitions that this sink has registered. */
  const registered = new Set<string>();

  const prepare = async (signal: AbortSignal): Promise<void> => {
    if (isReady) return;
    const types = Object.fromEntries(Object.entries(columns).map(([column, { definition }]) => [column, dialect.columnType(definition as ColumnDefinition)]));
    const exists = (await hiveTables(engine, database, signal)).has(table.toLowerCase());
    await evolveTable(engine, { database, table, columns: types, partitions: partition === undefined ? [] : [partition.column], location: location(folder) }, exists, signal);
    isReady = true;
  };

  /** The rows of each partition. */
  const split = (rows: readonly R[]): ReadonlyMap<string, readonly R[]> => {
    if (partition === undefined) return new Map([["", rows]]);
    const parts = new Map<string, R[]>();
    for (const row of rows) {
      const value = partition.of(row);
      if (typeof value !== "string" || value === "") throw new RangeError(`writing to sink "${name}": a row has ${JSON.stringify(value)} for the partition "${partition.column}"`);
      const part = parts.get(value);
      if (part === undefined) parts.set(value, [row]);
      else part.push(row);
    }
    return parts;
  };
  const folderOf = (value: string): string => (partition === undefined ? folder : `${folder}/${partition.column}=${encodeURIComponent(value)}`);

  const register = async (values: readonly string[], signal: AbortSignal): Promise<void> => {
    const added = partition === undefined ? [] : values.filter((value) => !registered.has(value));
    if (added.length > 0) {
      const clauses = added.map((value) => `PARTITION (${id(partition!.column)} = ${sparkText(value)}) LOCATION ${location(folderOf(value))}`);
      await collectRows(engine, `ALTER TABLE ${at} ADD IF NOT EXISTS ${clauses.join(" ")}`, signal);
      for (const value of added) registered.add(value);
    }
    // Spark keeps the lists of files that it has made.
    await collectRows(engine, `REFRESH TABLE ${at}`, signal);
  };

  return {
    name,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      if (batch.rows.length === 0) return;
      const parts = split(batch.rows);
      try {
        await prepare(signal);
        // Arrow and Parquet are loaded when there is something to write.
        const { writeRows } = await import("../sinks/write-rows.js");
        for (const [value, rows] of parts) await writeRows(files, `${folderOf(value)}/${fileOf(batch)}`, columns, rows, signal);
        await register([...parts.keys()], signal);
      } catch (error) {
        // The statements are made here, so what refuses them is a server in trouble, or a right that somebody may give.
        if (error instanceof SqlError && !error.retryable) throw new SinkWriteError(name, batch, error.message, { retryable: true, cause: error });
        throw error;
      }
    },
    async close() {
      closed = true;
    },
  };
}

/** All files of a partition lie side by side: Spark looks into no folders below, and passes over names that begin with `_`, as topics' may. */
const fileOf = ({ topic, logVersion, partition, from }: SinkBatch<unknown>): string => `v${logVersion}-p${partition}-${String(from).padStart(16, "0")}-${encodeURIComponent(topic)}.parquet`;
