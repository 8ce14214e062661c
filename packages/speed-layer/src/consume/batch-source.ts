import type { EventBatch, RawBatch, SinkBatch } from "@millrace/core";
import { BatchSourceError } from "./batch-source-error.js";
import type { Progress } from "./progress.js";
import type { Reading } from "./reading.js";

/** What a batch was made of. Kept beside the batch, because rows alone do not tell which records were there. */
export interface BatchSource {
  /** Every record of the batch, also those that were filtered or are dead letters. */
  readonly raw: RawBatch;
  /** Position at which reading went on with this batch: the previous batch's `raw.position`, or the start. */
  readonly follows: number;
  /** False as soon as rows were mapped or filtered. */
  readonly whole: boolean;
  /** The reading that the batch belongs to. Absent: one of this partition alone. */
  readonly reading?: Reading;
}

/** Of a batch that an operator made whole, such as a closed window: its rows are one sink batch, and no run of records. */
export interface Seal {
  readonly batch: Omit<SinkBatch<unknown>, "rows">;
  /** What is durable once the rows of this batch and of all before it are. */
  readonly progress: readonly Progress[];
}

const sources = new WeakMap<object, BatchSource>();
const seals = new WeakMap<object, Seal>();

/** Remembers what a batch that comes from a log was made of. Costs one map entry a batch. */
export function markSource<B extends EventBatch<unknown>>(batch: B, source: BatchSource): B {
  sources.set(batch, source);
  return batch;
}

/** Marks `derived` as made of the same records as `batch`, or the same sealed rows, with other rows. */
export function inheritSource<B extends EventBatch<unknown>>(derived: B, batch: EventBatch<unknown>, operator: string): B {
  const seal = seals.get(batch);
  if (seal === undefined) sources.set(derived, { ...sourceOf(batch, operator), whole: false });
  else seals.set(derived, seal);
  return derived;
}

/**
 * @throws {BatchSourceError} when the batch did not come from `consume`, was rebuilt by an operator that loses its
 * records, or is of sealed rows.
 */
export function sourceOf(batch: EventBatch<unknown>, operator: string): BatchSource {
  const source = sources.get(batch);
  if (source !== undefined) return source;
  if (seals.has(batch)) throw new BatchSourceError(operator, batch, "its rows are an operator's results, such as windows, and no records of the log");
  throw new BatchSourceError(operator, batch, "it does not come from consume, or an operator rebuilt it: change rows with mapRows and filterRows");
}

/** Undefined for a batch of records. */
export function sealOf(batch: EventBatch<unknown>): Seal | undefined {
  return seals.get(batch);
}

/** Rows that are one sink batch already. They have no offsets and broker times: these are NaN. */
export function sealedBatch<R>(seal: Seal, rows: readonly R[]): EventBatch<R> {
  const { topic, logVersion, partition, from, until } = seal.batch;
  const none = new Float64Array(rows.length).fill(NaN);
  const batch: EventBatch<R> = { topic, logVersion, partition, from, until, length: rows.length, offsets: none, appendedAt: none, rows };
  seals.set(batch, seal);
  return batch;
}
