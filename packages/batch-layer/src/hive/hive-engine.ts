import {
  ClosedError,
  orAborted,
  SqlError,
  systemClock,
  whileOpen,
  type Clock,
  type FileSystem,
  type SqlColumn,
  type SqlEngine,
  type SqlResult,
  type SqlValue,
  type WrittenFiles,
} from "@millrace/core";
import { hiveSockets, type HiveAuthentication } from "./open-hive-socket.js";
import type { OpenHiveSocket } from "./hive-protocol.js";
import { hiveColumn, hiveRowReader, isNested } from "./hive-rows.js";
import { HiveCallError, HiveLostError, openHiveSession, type HiveSession } from "./hive-session.js";
import { HiveSessions } from "./hive-sessions.js";
import { sendStatement, type HiveStatement } from "./hive-statement.js";
import { ParquetViews } from "./parquet-views.js";
import { sparkDialect } from "./spark-dialect.js";
import { sparkLocation } from "./spark-location.js";
import { SPARK_SETTINGS } from "./spark-settings.js";

/** What {@link hiveEngine} takes. */
export interface HiveEngineOptions {
  /** Where tables lie: the server must reach the same files by the uris of this file system. */
  readonly files: FileSystem;
  /** Default "127.0.0.1". */
  readonly host?: string;
  /** Default 10000. */
  readonly port?: number;
  /** Default "hive". */
  readonly user?: string;
  /** Default "anonymous": servers without authentication take any that is not empty. */
  readonly password?: string;
  /** Default "PLAIN", which is what a server without authentication (`NONE`) wants too. */
  readonly auth?: HiveAuthentication;
  /** Encrypts: options of Node's `tls.connect`. Default: none. */
  readonly tls?: object;
  /** Default "hive". */
  readonly name?: string;
  /** Statements that run at the same time; more of them wait. Default 8. */
  readonly maxSessions?: number;
  /** Dates of a table that a run writes side by side, at most `maxSessions`: the server plans and commits one while another computes. Default 4. */
  readonly statementsAtOnce?: number;
  /** How long opening a session may take. Default 15,000. */
  readonly connectTimeoutMs?: number;
  /** Rows that are asked for at a time. Default 10,000. */
  readonly rowsPerFetch?: number;
  /** Settings of each session beside {@link SPARK_SETTINGS}, which they cannot change. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Paces polling. Default: the system's. */
  readonly clock?: Clock;
  /** How connections are made. Default: by the package `hive-driver`. */
  readonly connect?: OpenHiveSocket;
}

/** How long a cancelled statement's own connection may stay silent before it is cancelled over another. */
const CANCEL_MS = 300;
/** Pauses and looks after a failed table until its folder stays empty: tasks that were cancelled may still write. */
const EMPTY_PAUSE_MS = 100;
const EMPTY_LOOKS = 50;

/** What runs as often as one likes without anything being different. */
const HARMLESS = /^[\s(]*(SELECT|WITH|VALUES|DESCRIBE|EXPLAIN|SHOW)\b/i;

/** A view needs a column; that files lack it makes no difference to their number of rows. */
const NO_COLUMN = { _: "BOOLEAN" };

/** A statement that is sent, on a session of its own. */
interface Running {
  readonly session: HiveSession;
  readonly statement: HiveStatement;
  /** As it was sent. */
  readonly text: string;
}

/**
 * Runs SQL on a Spark Thrift Server by the HiveServer2 protocol, over Parquet files that server and file system share.
 * Connects at the first statement; each statement has a session, and each session a connection, of its own.
 */
export function hiveEngine(options: HiveEngineOptions): SqlEngine {
  const { files, host = "127.0.0.1", port = 10_000, user = "hive", password = "anonymous", auth = "PLAIN", tls, name = "hive" } = options;
  const { maxSessions = 8, statementsAtOnce = 4, connectTimeoutMs = 15_000, rowsPerFetch = 10_000, clock = systemClock() } = options;
  const open = options.connect ?? hiveSockets({ host, port, user, password, auth, tls });
  const settings = { ...options.settings, ...SPARK_SETTINGS };
  const where = `${host}:${port}`;
  const closing = new AbortController();
  /** What is being ended behind the caller's back. */
  const ending = new Set<Promise<void>>();
  const openSession = async (signal: AbortSignal): Promise<HiveSession> => {
    const session = await openHiveSession({ open, user, password, settings, where, connectTimeoutMs, clock }, signal);
    try {
      await verifySettings(session, signal);
    } catch (error) {
      session.cut();
      throw error;
    }
    return session;
  };
  const sessions = new HiveSessions(openSession, maxSessions);
  /** What each session has; it goes with it. */
  const viewsOf = new WeakMap<HiveSession, ParquetViews>();

  /** One statement to its end, its rows dropped. */
  const execute = async (session: HiveSession, text: string, signal: AbortSignal): Promise<void> => {
    const statement = await sendStatement(session, text, clock);
    await statement.finished(signal);
    await statement.close();
  };
  const allRows = async (session: HiveSession, text: string, signal: AbortSignal): Promise<readonly (readonly SqlValue[])[]> => {
    const statement = await sendStatement(session, text, clock);
    await statement.finished(signal);
    const read = hiveRowReader((await statement.columns(signal)).map(hiveColumn));
    const rows: (readonly SqlValue[])[] = [];
    for (let page = read(await statement.fetch(rowsPerFetch, signal)); page.length > 0; page = read(await statement.fetch(rowsPerFetch, signal))) rows.push(...page);
    await statement.close();
    return rows;
  };
  /** A server that does not take a setting would give other results: overflows that wrap, dates of another zone. */
  const verifySettings = async (session: HiveSession, signal: AbortSignal): Promise<void> => {
    const set = new Map((await allRows(session, "SET", signal)).map(([key, value]) => [key, value]));
    for (const [key, value] of Object.entries(settings)) if (set.get(key) !== value) await execute(session, `SET ${key}=${value}`, signal);
  };

  /** Cancels a statement, wherever it is, and ends its session. */
  const end = async (session: HiveSession, statement: HiveStatement | undefined): Promise<void> => {
    if (statement !== undefined && !session.isLost()) {
      const cancel = (by: HiveSession) => by.call((calls) => calls.cancelOperation({ operationHandle: statement.handle })).then(() => true);
      const late = new AbortController();
      const soon = (by: Promise<boolean>) => Promise.race([by, clock.sleep(CANCEL_MS, late.signal).then(() => false)]).catch(() => false);
      // The server may be busy answering another call of this connection, for seconds: then it is told over another.
      if (!(await soon(cancel(session)))) {
        const other = await openHiveSession({ open, user, password, settings: {}, where, connectTimeoutMs, clock }, late.signal).catch(() => undefined);
        if (other !== undefined) await soon(cancel(other));
        await other?.close();
      }
      late.abort();
    }
    await sessions.drop(session);
  };
  const endBehind = (session: HiveSession, statement: HiveStatement | undefined): Promise<void> => {
    const ended = end(session, statement).finally(() => ending.delete(ended));
    ending.add(ended);
    return ended;
  };

  /** What a failure is to the caller. */
  const failure = (sql: string, cause: unknown, signal: AbortSignal): unknown => {
    if (signal.aborted) return signal.reason;
    if (closing.signal.aborted) return new ClosedError(name, "running SQL on");
    if (cause instanceof HiveCallError) return new SqlError(name, sql, { message: cause.message, cause });
    if (cause instanceof HiveLostError) return new SqlError(name, sql, { message: `${cause.message}; whether it ran to its end is unknown`, retryable: true, cause });
    return cause;
  };

  /** Sends a statement and waits for its end; once more where a lost session kept it from being run. */
  const run = async (sql: string, signal: AbortSignal): Promise<Running> => {
    for (let attempt = 0; ; attempt++) {
      const session = await sessions.take(signal);
      let known = viewsOf.get(session);
      if (known === undefined) viewsOf.set(session, (known = new ParquetViews()));
      let statement: HiveStatement | undefined;
      let isSent = false;
      try {
        const { statement: text, views } = known.of(sql);
        for (const { create } of views) await execute(session, create, signal);
        known.made(views);
        isSent = !session.isLost();
        // A signal that aborts before the server has named the statement ends its session, and it with that.
        statement = await orAborted(sendStatement(session, text, clock), signal);
        await statement.finished(signal);
        return { session, statement, text };
      } catch (cause) {
        const refused = cause instanceof HiveCallError && !signal.aborted;
        // Whatever was wrong with the files may be mended before the next statement.
        known.forget();
        if (refused && !isUnknownSession(cause)) {
          await statement?.close().catch(() => {});
          sessions.release(session);
          throw cause;
        }
        const ended = endBehind(session, statement);
        const again = refused || (cause instanceof HiveLostError && !signal.aborted && (!isSent || HARMLESS.test(sql)));
        if (!again || attempt > 0) {
          if (!HARMLESS.test(sql)) await ended;
          throw cause;
        }
      }
    }
  };

  /** {@link whileOpen}; what fails is told as what it is to the caller. */
  const whileRunning = async <T>(sql: string, signal: AbortSignal, work: (either: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await whileOpen({ name, closing: closing.signal }, "running SQL on", signal, work);
    } catch (cause) {
      throw failure(sql, cause, signal);
    }
  };

  /** The columns of a result; the types inside nested ones are asked for, the protocol does not tell them. */
  const describe = async ({ session, statement, text }: Running, signal: AbortSignal): Promise<readonly SqlColumn[]> => {
    const columns = (await statement.columns(signal)).map(hiveColumn);
    if (!columns.some(isNested) || !HARMLESS.test(text)) return columns;
    const described = await allRows(session, `DESCRIBE QUERY ${text}`, signal);
    return columns.map((column, i) => (isNested(column) ? { ...column, type: String(described[i]?.[1] ?? column.type).toUpperCase() } : column));
  };

  const query = async (sql: string, signal: AbortSignal): Promise<SqlResult> =>
    whileRunning(sql, signal, async (either) => {
      const running = await run(sql, either);
      const { session, statement } = running;
      let columns: readonly SqlColumn[];
      try {
        columns = await describe(running, either);
      } catch (error) {
        void endBehind(session, statement);
        throw error;
      }
      const read = hiveRowReader(columns);
      const blocks = async function* (): AsyncGenerator<readonly (readonly SqlValue[])[]> {
        let isBroken = false;
        try {
          for (;;) {
            const rows = await whileRunning(sql, signal, async (fetching) => read(await statement.fetch(rowsPerFetch, fetching))).catch((error: unknown) => {
              isBroken = true;
              throw error;
            });
            if (rows.length === 0) return;
            yield rows;
          }
        } finally {
          if (isBroken || session.isLost()) void endBehind(session, statement);
          else {
            await statement.close().catch(() => {});
            sessions.release(session);
          }
        }
      };
      return { columns, blocks: blocks() };
    });

  const oneRow = async (sql: string, signal: AbortSignal): Promise<readonly SqlValue[]> => {
    let row: readonly SqlValue[] = [];
    for await (const rows of (await query(sql, signal)).blocks) row = rows[0]!;
    return row;
  };

  /** Removes a folder until nothing comes back in it. */
  const clear = async (folder: string): Promise<void> => {
    const never = new AbortController().signal;
    for (let looks = 0, empty = 0; looks < EMPTY_LOOKS && empty < 3; looks++) {
      await files.remove(folder, never);
      await clock.sleep(EMPTY_PAUSE_MS, never);
      empty = (await files.list(folder, never)).length === 0 ? empty + 1 : 0;
    }
  };

  return {
    name,
    dialect: sparkDialect,
    statementsAtOnce: Math.min(statementsAtOnce, maxSessions),
    query,
    async writeTable(select, folder, signal): Promise<WrittenFiles> {
      const sql = `INSERT OVERWRITE DIRECTORY ${sparkLocation(files, folder)} USING parquet OPTIONS (compression 'zstd') ${select}`;
      let isStarted = false;
      try {
        await whileRunning(sql, signal, async (either) => {
          isStarted = true;
          const { session, statement } = await run(sql, either);
          await statement.close().catch(() => {});
          sessions.release(session);
        });
        const written = await files.list(folder, signal);
        const isTable = ({ path }: { readonly path: string }) => /\/part-[^/]*\.parquet$/.test(path);
        // Beside a file on a disk, Hadoop leaves one with its checksum.
        for (const other of written) if (!isTable(other)) await files.remove(other.path, signal);
        const parts = written.filter(isTable);
        const [rows] = await oneRow(`SELECT count(*) FROM ${sparkDialect.scan(parts.map(({ path }) => files.uri(path)), NO_COLUMN)}`, signal);
        return { files: parts, rows: Number(rows) };
      } catch (error) {
        // Nobody reads the folder, so what cannot be removed from it is only in the way.
        if (isStarted) await clear(folder).catch(() => {});
        throw error;
      }
    },
    async close() {
      if (!closing.signal.aborted) closing.abort(new ClosedError(name, "running SQL on"));
      while (ending.size > 0) await Promise.allSettled(ending);
      await sessions.close();
    },
  };
}

const isUnknownSession = (error: HiveCallError): boolean => /invalid sessionhandle/i.test(error.message);
