import type { SqlDialect } from "./sql-dialect.js";

/** A value as an engine gives it, normalised: integers as number while safe, else bigint; decimals as text; timestamps as epoch ms. */
export type SqlValue = string | number | bigint | boolean | Uint8Array | null | readonly (readonly [key: number, value: number | bigint])[];

/** A column of a result. */
export interface SqlColumn {
  readonly name: string;
  /** The engine's own type name, upper case: `BIGINT`, `VARCHAR`, `DECIMAL(18,5)`. */
  readonly type: string;
}

/** A query that is ready to run. */
export interface SqlResult {
  readonly columns: readonly SqlColumn[];
  /** Row blocks; each row in the order of `columns`. Iterating is what runs the query; ending early cancels it. */
  readonly blocks: AsyncIterable<readonly (readonly SqlValue[])[]>;
}

/** What `writeTable` wrote. */
export interface WrittenFiles {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly rows: number;
}

/** Runs SQL over Parquet files. Statements are generated for its dialect; values are literals, escaped by the dialect. */
export interface SqlEngine {
  readonly name: string;
  readonly dialect: SqlDialect;
  /** How many tables a run writes side by side. Default 1: engines that use all cores for each gain nothing by more. */
  readonly statementsAtOnce?: number;
  /** @throws {SqlError} with the statement and the engine's message. */
  query(sql: string, signal: AbortSignal): Promise<SqlResult>;
  /**
   * Writes the rows of a SELECT, in its order, as Parquet into the new folder `folder` (a path of the platform's file
   * system). The folder is unique to the run and nobody reads it before publication.
   */
  writeTable(select: string, folder: string, signal: AbortSignal): Promise<WrittenFiles>;
  /** Releases the engine. Safe to call twice; statements under way fail. */
  close(): Promise<void>;
}
