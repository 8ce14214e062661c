import type { LogPartition } from "../log/position.js";
import type { RawBatch } from "../log/raw-batch.js";
import type { ColumnVector } from "./column-vector.js";
import type { DeadLetter } from "./dead-letter.js";

/**
 * Events of one partition, row by row as users see them. The records it stands for are `[from, until)`; those that are
 * not among the rows were filtered, dead letters, or do not exist.
 */
export interface EventBatch<R> extends LogPartition {
  readonly from: number;
  readonly until: number;
  readonly length: number;
  /** Offset of each row, growing. */
  readonly offsets: Float64Array;
  readonly appendedAt: Float64Array;
  readonly rows: Iterable<R>;
}

/** Decoded events, column by column: the one form that the fold and the Parquet writer both take. */
export interface ColumnBatch<R = unknown> extends EventBatch<R> {
  /** Records read: events plus dead letters. */
  readonly records: number;
  /** Epoch ms. */
  readonly eventTime: Float64Array;
  /** `1` where the event is late: `eventTime < appendedAt - latenessMs`. */
  readonly late: Uint8Array;
  /** By column name, each of `length` rows. */
  readonly columns: Readonly<Record<string, ColumnVector>>;
  /** By `coordinateName`: `_hll12_userId`. -1 is null. */
  readonly coordinates: Readonly<Record<string, Int32Array>>;
  readonly deadLetters: readonly DeadLetter[];
  /** What was decoded; row `i` is its record `rawIndex[i]`. */
  readonly raw: RawBatch;
  readonly rawIndex: Int32Array;
}

/** Decodes one stream's records. Not shared between partitions: it owns dictionaries and scratch space. */
export interface EventDecoder<R = unknown> {
  /**
   * There only where the stream's own decoder needs it: to be awaited with a batch before that batch is decoded. Callers
   * use {@link decodeBatch}, which does.
   */
  readonly prepare?: (raw: RawBatch, signal: AbortSignal) => Promise<void>;
  /** @throws {TypeError} when `prepare` is there and was not awaited with this batch. */
  decode(raw: RawBatch): ColumnBatch<R>;
}
