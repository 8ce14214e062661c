import type { SqlEngine } from "./sql-engine.js";

/**
 * A SQL server that reads both layers, on which each view is one view of the server's own: rows of the current generation
 * and of the speed layer, merged and finished, for users who know neither.
 */
export interface MergedViewsServer {
  /** Runs statements there, those that make views too. */
  readonly engine: SqlEngine;
  /** The catalog of the metastore that the platform's {@link TableCatalog} shows generations in. */
  readonly catalog: string;
  /** The schema of that catalog which the merged views are in; made where there is none. */
  readonly schema: string;
  /** The schema that generations are shown in. */
  readonly tables: string;
  /** The catalog of the store's tables. */
  readonly speedCatalog: string;
  /**
   * How far ahead a merged view reads, ms: it names the buckets of the speed layer's rows, and fails after the last one.
   * Longer than publication takes to come again.
   */
  readonly aheadMs: number;
}
