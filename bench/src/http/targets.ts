/** Where the server of the bench listens: what is measured, and the baselines. */
export interface Targets {
  /** Answers kept: the same question again and again. */
  readonly kept: string;
  /** Answers made each time, with the batch part remembered: as when records keep coming. */
  readonly made: string;
  /** Questions that were not asked before: nothing of them is remembered. */
  readonly anew: string;
  /** A bare route that gives the bytes of an answer. */
  readonly bytes: string;
  /** A bare route that asks DuckDB for the batch part alone. */
  readonly duckdb: string;
}

/** Connections that ask at the same time, each the next when it has its answer. */
export const CONNECTIONS = 10;

/** The question: ten songs of the day. */
export const TOP = { granularity: "all", by: "song", orderBy: "plays desc" };
