import { open as openFile, mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ClosedError, MissingDriverError, onAbort, SqlError, type FileSystem, type SqlEngine, type SqlResult, type SqlValue, type WrittenFiles } from "@millrace/core";
import type * as Driver from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from "@duckdb/node-api";
import { duckdbDialect } from "./duckdb-dialect.js";
import { rowReader } from "./duckdb-value.js";
import { FilesElsewhereError } from "./files-elsewhere-error.js";

/** What `duckdbEngine` takes. */
export interface DuckdbEngineOptions {
  /** Files of this machine: their uris must be paths that DuckDB can open. */
  readonly files: FileSystem;
  /** Default "duckdb". */
  readonly name?: string;
  /** Memory that DuckDB may use before it spills to disk, MB. Default 512. */
  readonly memoryLimitMb?: number;
  /** Default 2. */
  readonly threads?: number;
}

/** Pause between two interrupts of a statement. */
const INTERRUPT_AGAIN_MS = 20;

/** A database in memory that reads and writes Parquet files; loaded at first use. Queries run off the main thread. */
export function duckdbEngine(options: DuckdbEngineOptions): SqlEngine {
  const { files } = options;
  const name = options.name ?? "duckdb";
  let instance: Promise<DuckDBInstance> | undefined;
  let closed = false;
  const connections = new Set<DuckDBConnection>();

  const connect = async (): Promise<DuckDBConnection> => {
    if (closed) throw new ClosedError(name, "running SQL on");
    const connection = await (await (instance ??= createInstance(options))).connect();
    if (closed) {
      connection.closeSync();
      throw new ClosedError(name, "running SQL on");
    }
    connections.add(connection);
    return connection;
  };
  const release = (connection: DuckDBConnection): void => {
    if (connections.delete(connection)) connection.closeSync();
  };

  /** Every call that DuckDB has not answered, and what makes it end. */
  const underWay = new Map<Promise<unknown>, () => void>();

  /** Runs one call on a connection, which the signal and `close` interrupt. */
  const interruptible = async <T>(connection: DuckDBConnection, statement: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    if (closed) throw new ClosedError(name, "running SQL on");
    let again: NodeJS.Timeout | undefined;
    // An interrupt that comes before the statement has a thread is lost: it is repeated until the call ends.
    const interrupt = (): void => {
      connection.interrupt();
      again ??= setInterval(() => connection.interrupt(), INTERRUPT_AGAIN_MS);
    };
    const forget = onAbort(signal, interrupt);
    const call = run();
    underWay.set(call, interrupt);
    try {
      return await call;
    } catch (cause) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "running SQL on");
      throw new SqlError(name, statement, { message: cause instanceof Error ? cause.message.trim() : String(cause), cause });
    } finally {
      forget();
      clearInterval(again);
      underWay.delete(call);
    }
  };

  return {
    name,
    dialect: duckdbDialect,
    async query(sql, signal): Promise<SqlResult> {
      signal.throwIfAborted();
      const connection = await connect();
      let result: DuckDBResult;
      try {
        result = await interruptible(connection, sql, signal, async () => {
          await connection.run("BEGIN TRANSACTION");
          return connection.stream(sql);
        });
      } catch (error) {
        release(connection);
        throw error;
      }
      const types = result.columnTypes();
      const columns = result.columnNames().map((column, i) => ({ name: column, type: String(types[i]) }));
      const rowsOf = rowReader(types);
      const blocks = async function* (): AsyncGenerator<readonly (readonly SqlValue[])[]> {
        try {
          for (;;) {
            const chunk = await interruptible(connection, sql, signal, () => result.fetchChunk());
            if (chunk === null || chunk.rowCount === 0) {
              await interruptible(connection, sql, signal, () => checkComplete(connection));
              return;
            }
            yield rowsOf(chunk);
          }
        } finally {
          release(connection);
        }
      };
      return { columns, blocks: blocks() };
    },
    async writeTable(select, folder, signal): Promise<WrittenFiles> {
      signal.throwIfAborted();
      const file = `${folder}/part-0.parquet`;
      const target = files.uri(file);
      const statement = `COPY (${select}) TO ${duckdbDialect.literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
      const connection = await connect();
      try {
        await mkdir(path.dirname(target), { recursive: true });
        const result = await interruptible(connection, statement, signal, () => connection.run(statement));
        const rows = Number((await result.getRows())[0]?.[0] ?? 0);
        await syncToDisk(target);
        return { files: [{ path: file, bytes: (await stat(target)).size }], rows };
      } finally {
        release(connection);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      // A connection that is closed under its statement never answers it.
      for (const interrupt of underWay.values()) interrupt();
      await Promise.allSettled(underWay.keys());
      for (const connection of [...connections]) release(connection);
      const opened = await instance?.catch(() => undefined);
      opened?.closeSync();
    },
  };
}

/**
 * Throws when the statement that was streamed on a connection, in a transaction of its own, has failed. About one
 * statement in ten that fails at a late row ends as if there were no more rows, because DuckDB's reader does not look
 * for the error of another thread again; but it has aborted the transaction by then, which the next statement tells.
 */
async function checkComplete(connection: DuckDBConnection): Promise<void> {
  try {
    await connection.run("SELECT 1");
  } catch (cause) {
    throw new Error("it failed while its rows were read, and DuckDB did not tell why", { cause });
  }
}

async function createInstance({ files, name = "duckdb", memoryLimitMb = 512, threads = 2 }: DuckdbEngineOptions): Promise<DuckDBInstance> {
  // What it is asked to read by such a name would be looked for in extensions that it does not have.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(files.uri("probe"))) throw new FilesElsewhereError(name, files.name, files.uri("probe"));
  let driver: typeof Driver;
  try {
    driver = await import("@duckdb/node-api");
  } catch (cause) {
    throw new MissingDriverError("the DuckDB engine", "@duckdb/node-api", "1.5.6-r.1", cause);
  }
  const instance = await driver.DuckDBInstance.create(":memory:", {
    threads: `${threads}`,
    memory_limit: `${memoryLimitMb}MB`,
    temp_directory: path.join(tmpdir(), `millrace-duckdb-${process.pid}`),
    // Extensions would be downloaded: what Millrace needs is built in.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  connection.closeSync();
  return instance;
}

/** COPY leaves the file to the system's cache: it and the names that lead to it must outlive a power cut. */
async function syncToDisk(target: string): Promise<void> {
  for (const each of [target, path.dirname(target), path.dirname(path.dirname(target)), path.dirname(path.dirname(path.dirname(target)))]) {
    const handle = await openFile(each, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
