import type { EventBatch, RawBatch } from "@millrace/core";
import { BatchSourceError } from "./batch-source-error.js";

/** What a batch was made of. Kept beside the batch, because rows alone do not tell which records were there. */
export interface BatchSource {
  /** Every record of the batch, also those that were filtered or are dead letters. */
  readonly raw: RawBatch;
  /** Position at which reading went on with this batch: the previous batch's `raw.position`, or the start. */
  readonly follows: number;
  /** False as soon as rows were mapped or filtered. */
  readonly whole: boolean;
}

const sources = new WeakMap<object, BatchSource>();

/** Remembers what a batch that comes from a log was made of. Costs one map entry a batch. */
export function markSource<B extends EventBatch<unknown>>(batch: B, source: BatchSource): B {
  sources.set(batch, source);
  return batch;
}

/** Marks `derived` as made of the same records as `batch`, with other rows. */
export function inheritSource<B extends EventBatch<unknown>>(derived: B, batch: EventBatch<unknown>, operator: string): B {
  sources.set(derived, { ...sourceOf(batch, operator), whole: false });
  return derived;
}

/** @throws {BatchSourceError} when the batch did not come from `consume`, or was rebuilt by an operator that loses its records. */
export function sourceOf(batch: EventBatch<unknown>, operator: string): BatchSource {
  const source = sources.get(batch);
  if (source === undefined) {
    throw new BatchSourceError(operator, batch, "it does not come from consume, or an operator rebuilt it: change rows with mapRows and filterRows");
  }
  return source;
}
