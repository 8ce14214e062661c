import { ClosedError, SqlError, orAborted, systemClock, whileOpen, type Clock, type SqlColumn, type SqlEngine, type SqlResult, type SqlValue } from "@millrace/core";
import { prestoRequests } from "./open-presto.js";
import { prestoDialect, trinoDialect } from "./presto-dialect.js";
import { describePrestoFailure } from "./presto-failure.js";
import { PrestoLostError, PrestoRefusedError, type OpenPresto, type PrestoPage, type PrestoRequests, type PrestoStatement } from "./presto-protocol.js";
import { prestoColumn, prestoRowReader } from "./presto-rows.js";
import { countVersionsSql, takePrestoScans, versionsOfScan, versionsSql, type PrestoVersions } from "./presto-scan.js";

/** What {@link prestoEngine} takes. */
export interface PrestoEngineOptions {
  /** Default "127.0.0.1". */
  readonly host?: string;
  /** Default 8080. */
  readonly port?: number;
  /** Default "millrace". Servers refuse statements of nobody. */
  readonly user?: string;
  /** For servers that ask for one; they take it with `tls` alone. */
  readonly password?: string;
  /** The catalog of the metastore that `hiveCatalog` shows generations in, and that of names without one. Default "hive". */
  readonly catalog?: string;
  /** The database of `hiveCatalog`, and the schema of names without one. Default "millrace". */
  readonly schema?: string;
  /** What the server is. Default "presto". */
  readonly dialect?: "presto" | "trino";
  /** Encrypts: options of Node's `https.Agent`. Default: none. */
  readonly tls?: object;
  /** Default: the dialect. */
  readonly name?: string;
  /** Pause before the server is asked again that has no rows yet; it waits for some itself, up to a second. Default 5. */
  readonly pollMs?: number;
  /** How long the server may take for the first rows, and for further ones. Default 120,000. */
  readonly timeoutMs?: number;
  /** Properties of each statement's session: `{ join_distribution_type: "BROADCAST" }`. */
  readonly session?: Readonly<Record<string, string>>;
  /** Paces polling. Default: the system's. */
  readonly clock?: Clock;
  /** How requests are made. Default: by the package `presto-client`. */
  readonly connect?: OpenPresto;
}

/** Before something is tried once more. */
const RETRY_MS = 100;
/** How long a server may take to be told that a statement has ended. */
const CANCEL_MS = 5_000;

/** Rows of a block at most. */
const BLOCK_ROWS = 10_000;

/** What runs as often as one likes without anything being different. */
const HARMLESS = /^[\s(]*(SELECT|WITH|VALUES|TABLE|DESCRIBE|EXPLAIN|SHOW)\b/i;

/** The server said no. */
class PrestoStatementError extends Error {
  override readonly name = "PrestoStatementError";

  constructor(
    message: string,
    readonly retryable: boolean,
  ) {
    super(message);
  }
}

/** A statement that the server works at. */
interface Running {
  readonly requests: PrestoRequests;
  /** The last answer. */
  page: PrestoPage;
}

/**
 * Reads with SQL from Presto, or Trino, through its statement protocol. What it reads of a generation are the tables that
 * `hiveCatalog` shows; it writes none. One page of rows is in memory at a time, and the next is asked for when it was
 * taken. Connects at the first statement.
 */
export function prestoEngine(options: PrestoEngineOptions = {}): SqlEngine {
  const { host = "127.0.0.1", port = 8080, user = "millrace", password, catalog = "hive", schema = "millrace", dialect = "presto", tls, name = dialect } = options;
  const { pollMs = 5, timeoutMs = 120_000, session = {}, clock = systemClock() } = options;
  const tables = { catalog, schema };
  const where = `${host}:${port}`;
  const closing = new AbortController();
  /** What is being ended behind the caller's back. */
  const ending = new Set<Promise<void>>();
  /** Statements that the server may work at, and calls that may yet send one. */
  const running = new Set<Running>();
  const starting = new Set<Promise<unknown>>();
  const open = options.connect ?? prestoRequests({ dialect, host, port, user, password, catalog, schema, tls });
  let opened: Promise<PrestoRequests> | undefined;
  const connected = (): Promise<PrestoRequests> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };

  const endBehind = (work: Promise<unknown>): void => {
    const ended: Promise<void> = work.then(
      () => {},
      () => {},
    );
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };
  /** Has the server end what may still run on it. */
  const cancel = (one: Running): void => {
    const { requests, page } = one;
    if (!running.delete(one) || page.nextUri === undefined || page.error !== undefined) return;
    const limit = new AbortController();
    void clock.sleep(CANCEL_MS, limit.signal).then(() => limit.abort(new Error("the server was not told in time")), () => {});
    endBehind(requests.cancel(page.nextUri, limit.signal).finally(() => limit.abort()));
  };

  const begun = (one: Running): Running => {
    running.add(one);
    return one;
  };

  /** Within the time that a server may take for rows. */
  const inTime = async <T>(signal: AbortSignal, work: (within: AbortSignal) => Promise<T>): Promise<T> => {
    const late = new AbortController();
    const done = new AbortController();
    void clock.sleep(timeoutMs, done.signal).then(() => late.abort(new PrestoStatementError(`there were no rows after ${timeoutMs} ms; the statement was cancelled`, true)), () => {});
    try {
      return await work(AbortSignal.any([signal, late.signal]));
    } finally {
      done.abort();
    }
  };
  /** A request until the server is not too busy to answer it. */
  const patiently = async (request: () => Promise<PrestoPage>, signal: AbortSignal): Promise<PrestoPage> => {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof PrestoRefusedError && error.isBusy)) throw error;
        await clock.sleep(RETRY_MS, signal);
      }
    }
  };
  const checked = (page: PrestoPage): PrestoPage => {
    if (page.error === undefined) return page;
    const { message, retryable } = describePrestoFailure(page.error);
    throw new PrestoStatementError(message, retryable);
  };

  /** Goes on to the next page with rows, or the last one. */
  const advance = async (one: Running, signal: AbortSignal): Promise<void> => {
    const { requests } = one;
    for (let lost = 0; one.page.nextUri !== undefined; ) {
      const uri = one.page.nextUri;
      try {
        one.page = checked(await patiently(() => requests.get(uri, signal), signal));
      } catch (error) {
        // The same answer can be asked for once more.
        if (!(error instanceof PrestoLostError) || lost++ > 0) throw error;
        await clock.sleep(RETRY_MS, signal);
        continue;
      }
      if ((one.page.data?.length ?? 0) > 0) return;
      if (one.page.nextUri !== undefined) await clock.sleep(pollMs, signal);
    }
  };

  /** Sends a statement and waits for its first rows, or its end; `columns` are those of the first page that tells them. */
  const start = async (statement: PrestoStatement, signal: AbortSignal): Promise<{ readonly one: Running; readonly columns: readonly SqlColumn[] }> => {
    const requests = await connected();
    signal.throwIfAborted();
    const never = new AbortController();
    // A statement that was sent is to be ended once the server has named it.
    const posting = patiently(() => requests.post(statement, never.signal), signal);
    const page = await orAborted(posting, signal).catch((error: unknown) => {
      if (signal.aborted) endBehind(posting.then((late) => cancel(begun({ requests, page: late }))));
      throw error;
    });
    const one = begun({ requests, page });
    try {
      checked(page);
      if ((page.data?.length ?? 0) === 0) await advance(one, signal);
      return { one, columns: (one.page.columns ?? []).map(prestoColumn) };
    } catch (error) {
      cancel(one);
      throw error;
    }
  };

  /** {@link start}, once more where nothing is known to have run and nothing would be different. */
  const startTwice = async (statement: PrestoStatement, signal: AbortSignal): ReturnType<typeof start> => {
    try {
      return await inTime(signal, (within) => start(statement, within));
    } catch (error) {
      const passes = error instanceof PrestoLostError || (error instanceof PrestoStatementError && error.retryable && !/^there were no rows/.test(error.message));
      if (signal.aborted || !passes || !HARMLESS.test(statement.sql)) throw error;
      await clock.sleep(RETRY_MS, signal);
      return inTime(signal, (within) => start(statement, within));
    }
  };

  /** What a failure is to the caller. */
  const failure = (sql: string, cause: unknown, signal: AbortSignal): unknown => {
    if (signal.aborted) return signal.reason;
    if (closing.signal.aborted) return new ClosedError(name, "running SQL on");
    if (cause instanceof PrestoStatementError) return new SqlError(name, sql, { message: cause.message, retryable: cause.retryable });
    if (cause instanceof PrestoRefusedError) return new SqlError(name, sql, { message: cause.message, retryable: cause.isBusy, cause });
    if (cause instanceof PrestoLostError) return new SqlError(name, sql, { message: `the server at ${where} cannot be reached: ${cause.message}`, retryable: true, cause });
    return cause;
  };
  /** {@link whileOpen}; what fails is told as what it is to the caller. */
  const whileRunning = async <T>(sql: string, signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T> => {
    const working = whileOpen({ name, closing: closing.signal }, "running SQL on", signal, work);
    starting.add(working);
    try {
      return await working;
    } catch (cause) {
      throw failure(sql, cause, signal);
    } finally {
      starting.delete(working);
    }
  };

  /** The statement as it is sent, and what it reads of generations. */
  const prepare = (sql: string): { readonly statement: PrestoStatement; readonly reads: readonly PrestoVersions[] } => {
    const reads: PrestoVersions[] = [];
    const text = takePrestoScans(sql, (scan) => {
      const versions = versionsOfScan(scan);
      reads.push(versions);
      return versionsSql(tables, versions, Object.keys(scan.columns));
    });
    // Without it Presto tells the columns of Parquet files by their places, which differ from version to version.
    const byName: Readonly<Record<string, string>> = reads.length > 0 && dialect === "presto" ? { [`${catalog}.parquet_use_column_names`]: "true" } : {};
    return { statement: { sql: text, session: { ...session, ...byName } }, reads };
  };
  /**
   * Versions are dropped from the metastore before their files go, and never come back: when all are there after the
   * rows were read, all of their rows were read.
   */
  const verify = async (sql: string, reads: readonly PrestoVersions[], signal: AbortSignal): Promise<void> => {
    for (const read of reads) {
      const { one } = await startTwice({ sql: countVersionsSql(tables, read), session }, signal);
      const known = Number(one.page.data?.[0]?.[0]);
      try {
        while (one.page.nextUri !== undefined) await inTime(signal, (within) => advance(one, within));
      } finally {
        cancel(one);
      }
      if (known === read.versions.length) continue;
      throw new SqlError(name, sql, { message: `of ${read.versions.length} versions of the table "${read.table}" the schema "${catalog}.${schema}" has ${known}: they are not shown there yet, or were pruned`, retryable: true });
    }
  };

  const query = async (sql: string, signal: AbortSignal): Promise<SqlResult> =>
    whileRunning(sql, signal, async (either) => {
      const { statement, reads } = prepare(sql);
      const { one, columns } = await startTwice(statement, either);
      const read = prestoRowReader(columns);
      const blocks = async function* (): AsyncGenerator<readonly (readonly SqlValue[])[]> {
        try {
          for (;;) {
            const { data } = one.page;
            // Short rows are many in a page.
            for (let at = 0; data !== undefined && at < data.length; at += BLOCK_ROWS) yield read(data.slice(at, at + BLOCK_ROWS));
            if (one.page.nextUri === undefined) break;
            await whileRunning(sql, signal, (fetching) => inTime(fetching, (within) => advance(one, within)));
          }
          if (reads.length > 0) await whileRunning(sql, signal, (checking) => verify(sql, reads, checking));
        } finally {
          cancel(one);
        }
      };
      return { columns, blocks: blocks() };
    });

  return {
    name,
    dialect: dialect === "trino" ? trinoDialect : prestoDialect,
    query,
    async writeTable(select, _folder, signal) {
      return whileRunning(select, signal, () => Promise.reject(new SqlError(name, select, { message: "this engine reads only: tables are written by the batch layer's own engine, DuckDB or Spark" })));
    },
    async close() {
      if (!closing.signal.aborted) closing.abort(new ClosedError(name, "running SQL on"));
      await Promise.allSettled(starting);
      for (const one of running) cancel(one);
      while (ending.size > 0) await Promise.allSettled(ending);
    },
  };
}
