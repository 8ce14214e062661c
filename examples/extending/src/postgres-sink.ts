import { ClosedError, SinkWriteError, type Sink } from "millrace";
import { DatabaseError, Pool, escapeIdentifier, type PoolConfig } from "pg";

export interface PostgresSinkOptions {
  /** How to reach the server: the settings of the library `pg`. */
  readonly connection: PoolConfig;
  /** A table that exists. */
  readonly table: string;
  /** Its columns that are written, named as the rows' fields. */
  readonly columns: readonly string[];
}

// region sink
/**
 * Inserts rows into a PostgreSQL table, each exactly once: the rows of a batch and its id are written in one transaction,
 * and a batch whose id is there already is left alone. The ids lie in the table `millrace_batches`, which it creates.
 *
 * A server that is away, restarting, out of resources or in a deadlock is retryable; rows that it will never take are not.
 */
export function postgresSink<R extends object>({ connection, table, columns }: PostgresSinkOptions): Sink<R> {
  const pool = new Pool({ connectionTimeoutMillis: 5_000, ...connection });
  // A connection that breaks while nobody uses it: the next write opens another.
  pool.on("error", () => undefined);
  const into = escapeIdentifier(table);
  const names = columns.map(escapeIdentifier).join(", ");
  let prepared = false;
  let closing: Promise<void> | undefined;
  return {
    name: `postgres.${table}`,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closing) throw new ClosedError(`postgres.${table}`, "writing to sink");
      if (batch.rows.length === 0) return;
      try {
        const client = await pool.connect();
        let released = false;
        const release = (destroy: boolean): void => {
          if (!released) client.release(destroy);
          released = true;
        };
        // A statement cannot be called back, but without its connection the server rolls back.
        const abort = (): void => release(true);
        signal.addEventListener("abort", abort, { once: true });
        try {
          signal.throwIfAborted();
          if (!prepared) await client.query("CREATE TABLE IF NOT EXISTS millrace_batches (sink text, id text, PRIMARY KEY (sink, id))");
          prepared = true;
          await client.query("BEGIN");
          const { rowCount } = await client.query("INSERT INTO millrace_batches VALUES ($1, $2) ON CONFLICT DO NOTHING", [table, batch.id]);
          if (rowCount === 1) await client.query(`INSERT INTO ${into} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${into}, $1)`, [jsonOf(batch.rows)]);
          await client.query("COMMIT");
          release(false);
        } finally {
          signal.removeEventListener("abort", abort);
          release(true);
        }
      } catch (cause) {
        signal.throwIfAborted();
        throw new SinkWriteError(`postgres.${table}`, batch, cause instanceof Error ? cause.message : String(cause), { retryable: mayPass(cause), cause });
      }
    },
    close: () => (closing ??= pool.end()),
  };
}

/** Bigints as digits, which the server reads into whatever the column is. */
const jsonOf = (rows: readonly object[]): string => JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

/** SQLSTATE classes that say nothing of the rows: connection, transaction rollback, resources, operator, system. */
const PASSING = ["08", "40", "53", "55", "57", "58"];

function mayPass(cause: unknown): boolean {
  // What is no answer of the server is its connection's failure.
  return cause instanceof DatabaseError ? PASSING.includes(cause.code?.slice(0, 2) ?? "") : cause instanceof Error && !(cause instanceof TypeError);
}
// endregion
