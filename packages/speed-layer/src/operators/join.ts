import { concatMap, defer, map, of } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { inheritSource } from "../consume/batch-source.js";
import { MissingKeyError } from "./tables/missing-key-error.js";
import { fromAbortable } from "./from-abortable.js";
import { rowsOf } from "./rows-of.js";
import type { JoinTable } from "./tables/join-table.js";

/** What {@link join} asks for, and what it makes of the answer. */
export interface JoinOptions<R, K, V, Out> {
  /** The key that a row asks for; null asks for nothing, and is missing. */
  readonly key: (row: R) => K | null;
  /** The row with its value. */
  readonly select: (row: R, value: V) => Out;
  /**
   * What becomes of a row without a value: `drop`ped; the pipeline `fail`s; or the row is made by a function, such as
   * `(row) => ({ ...row, name: null })`.
   */
  readonly missing: "drop" | "fail" | ((row: R) => Out);
}

/**
 * Adds to each row its value in a table. A batch asks for all the keys that the table does not know in one go, and goes
 * on at once when it knows them all.
 *
 * The value is the one that the table has when the batch passes, not the one at the row's event time: a replay may find
 * another. Behind windows, it asks once for a row of a window, and not once for an event.
 *
 * Batches stay, in their order, and speak of the same records. Completes once every lookup is done after its source
 * completed. Errors with its source, with what a lookup fails with once its retries are used up, and with a
 * {@link MissingKeyError} if `missing` is `fail`. Unsubscribing aborts the lookup under way; it does not close the table.
 * Concurrency: 1. Memory: the batches that wait, which the credits of the source bound, and the table's.
 *
 * @example
 * batches.pipe(join(users, { key: ({ userId }) => userId, select: (play, { plan }) => ({ ...play, plan }), missing: "drop" }), writeTo(sink))
 */
export function join<R, K, V extends {}, Out>(table: JoinTable<K, V>, options: JoinOptions<R, K, V, Out>): OperatorFunction<EventBatch<R>, EventBatch<Out>> {
  const { key: keyOf, select, missing } = options;
  return concatMap((batch) =>
    defer(() => {
      const rows = rowsOf(batch);
      const known = table.snapshot();
      const values = new Array<V | null | undefined>(rows.length);
      const keys = new Array<K | null>(rows.length);
      let unknown: Set<K> | undefined;
      for (let i = 0; i < rows.length; i++) {
        const key = (keys[i] = keyOf(rows[i]!));
        const value = (values[i] = key === null ? null : known(key));
        if (value === undefined) (unknown ??= new Set()).add(key!);
      }
      const joined = (found?: ReadonlyMap<K, V>): EventBatch<Out> => {
        const out: Out[] = [];
        const dropped: number[] = [];
        for (let i = 0; i < rows.length; i++) {
          const value = values[i] === undefined ? found?.get(keys[i]!) : values[i];
          if (value !== null && value !== undefined) out.push(select(rows[i]!, value));
          else if (missing === "drop") dropped.push(i);
          else if (missing === "fail") throw new MissingKeyError(table.name, keys[i], batch, batch.offsets[i]!);
          else out.push(missing(rows[i]!));
        }
        const { topic, logVersion, partition, from, until } = batch;
        return inheritSource(
          { topic, logVersion, partition, from, until, length: out.length, offsets: without(batch.offsets, dropped), appendedAt: without(batch.appendedAt, dropped), rows: out },
          batch,
          "join",
        );
      };
      if (unknown === undefined) return of(joined());
      const asked = [...unknown];
      return fromAbortable((signal) => table.lookUp(asked, signal)).pipe(map(joined));
    }),
  );
}

/** All values but those at the given indices, which grow. */
function without(values: Float64Array, dropped: readonly number[]): Float64Array {
  if (dropped.length === 0) return values;
  const kept = new Float64Array(values.length - dropped.length);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    if (dropped[next] === i) next++;
    else kept[i - next] = values[i]!;
  }
  return kept;
}
