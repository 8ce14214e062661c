import { map } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { inheritSource } from "../consume/batch-source.js";

/**
 * Keeps the rows that a pure function accepts. Batches stay, also empty ones, and speak of the same records: sink batches
 * are cut where they would be without the filter.
 *
 * Completes and errors with its source, and errors with what `accept` throws. Holds nothing between batches.
 */
export function filterRows<A, B extends A>(accept: (row: A) => row is B): OperatorFunction<EventBatch<A>, EventBatch<B>>;
export function filterRows<A>(accept: (row: A) => boolean): OperatorFunction<EventBatch<A>, EventBatch<A>>;
export function filterRows<A>(accept: (row: A) => boolean): OperatorFunction<EventBatch<A>, EventBatch<A>> {
  return map((batch) => {
    const { topic, logVersion, partition, from, until } = batch;
    const rows: A[] = [];
    const offsets = new Float64Array(batch.length);
    const appendedAt = new Float64Array(batch.length);
    let i = 0;
    for (const row of batch.rows) {
      if (accept(row)) {
        offsets[rows.length] = batch.offsets[i]!;
        appendedAt[rows.length] = batch.appendedAt[i]!;
        rows.push(row);
      }
      i++;
    }
    const { length } = rows;
    return inheritSource(
      { topic, logVersion, partition, from, until, length, offsets: offsets.subarray(0, length), appendedAt: appendedAt.subarray(0, length), rows },
      batch,
      "filterRows",
    );
  });
}
