/** A run of one fixed grid of offsets: every replay has the same id and rows. */
export interface SinkBatch<R> {
  /** `<topic>/v<logVersion>-p<partition>/<first offset>`. */
  readonly id: string;
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
  /** First offset of the run, and the offset after its last record. */
  readonly from: number;
  readonly until: number;
  readonly rows: readonly R[];
}

/**
 * A destination for rows that *leave* Millrace. Implementations answer for durability, never for batching or retry.
 */
export interface Sink<in R> {
  readonly name: string;
  /**
   * Resolves once every row is durable. A failed call may have written some of them: callers repeat the whole batch,
   * with the same id, and it must leave one copy.
   */
  readonly write: (batch: SinkBatch<R>, signal: AbortSignal) => Promise<void>;
  /** Releases connections. Safe to call twice. */
  readonly close: () => Promise<void>;
}
