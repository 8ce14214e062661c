import type { FileSystem } from "../ports/file-system.js";
import type { SqlEngine } from "../ports/sql-engine.js";
import { declareLaws } from "./law.js";
import type { It, Subject, Waivers } from "./law.js";
import { SQL_DIALECT_LAWS } from "./sql-dialect-laws.js";
import { SQL_ENGINE_LAWS } from "./sql-engine-laws.js";

/** An engine that is to prove itself, with what the laws need to see its tables from outside. */
export interface SqlEngineSubject extends Subject {
  readonly engine: SqlEngine;
  /** Where the engine's tables lie. */
  readonly files: FileSystem;
  /** A new engine on the same files: what a restarted process has. */
  readonly another: () => Promise<SqlEngine>;
  /** The integers of a column of a Parquet file, in the file's order, read without `engine`. */
  readonly readBack: (path: string, column: string) => Promise<readonly (number | bigint)[]>;
  /** A SQL expression of the engine's type for bytes. Statements of Millrace hold none, so dialects print none. */
  readonly bytes: (content: Uint8Array | null) => string;
  /** The most runs of a law: for an engine whose statements take a good part of a second each. Default: each law's own number. */
  readonly runs?: number;
  /** A SELECT of one row that would take hours, for an engine that cannot interrupt a join without end. Default: such a join. */
  readonly endless?: string;
  /** A SELECT of more rows than anybody reads, the first of them at once. Default: a join. */
  readonly long?: string;
}

/** Proves a {@link SqlEngine} and its dialect. `create` is called once a law and gives one on an empty file system. */
export function sqlEngineConformance(it: It, create: () => Promise<SqlEngineSubject>, waivers: Waivers = {}): void {
  declareLaws("sql engine", it, [...SQL_ENGINE_LAWS, ...SQL_DIALECT_LAWS], create, waivers);
}
