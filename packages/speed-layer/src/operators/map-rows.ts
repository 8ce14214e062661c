import { map } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { inheritSource } from "../consume/batch-source.js";

/**
 * Maps every row with a pure function; offsets stay, so that what follows still knows which records were there.
 *
 * Completes and errors with its source, and errors with what `f` throws. Holds nothing between batches.
 *
 * @example
 * batches.pipe(mapRows(({ artist, song }) => ({ artist, song })), writeTo(sink))
 */
export function mapRows<A, B>(f: (row: A) => B): OperatorFunction<EventBatch<A>, EventBatch<B>> {
  return map((batch) => {
    const { topic, logVersion, partition, from, until, length, offsets, appendedAt } = batch;
    const rows = new Array<B>(length);
    let i = 0;
    for (const row of batch.rows) rows[i++] = f(row);
    return inheritSource({ topic, logVersion, partition, from, until, length, offsets, appendedAt, rows }, batch, "mapRows");
  });
}
