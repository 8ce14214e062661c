import { Observable, map } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { Problems, silent } from "@millrace/core";
import type { Telemetry } from "@millrace/core";
import { inheritSource } from "../../consume/batch-source.js";
import type { ColumnarBatch } from "../columnar-batch.js";
import { rowsOf } from "../rows-of.js";
import { KeyMemory } from "./key-memory.js";
import type { DedupeKey } from "./key-memory.js";
import { keyOfColumns } from "./key-of-columns.js";
import type { KeyOfRow } from "./key-of-columns.js";
import { pickRows } from "./pick-rows.js";

/** What {@link dedupe} takes for a duplicate, and how much it remembers. */
export interface DedupeOptions<R> {
  /**
   * What is equal in duplicates: a column, columns together, or a pure function of the row, which costs a row object
   * each. A row with null in its key has no duplicate.
   */
  readonly by: (keyof R & string) | readonly (keyof R & string)[] | ((row: R) => DedupeKey | null);
  /** How long a key that passed is remembered, ms of broker time. */
  readonly withinMs: number;
  /** Keys of one partition that are remembered at once, at most. The oldest are forgotten, and a warning says so. Default 1,000,000. */
  readonly maxKeys?: number;
  readonly telemetry?: Telemetry;
}

/**
 * Drops rows whose key passed before in the same partition.
 *
 * Exactly: a row is dropped if a row of its partition with the same key passed less than `withinMs` before, by the newest
 * broker time of its rows so far, and fewer than `maxKeys` other keys passed since. That is a function of the
 * log from the start of reading on: batch sizes and speed do not matter. Duplicates in different partitions both pass;
 * give the producer a key.
 *
 * **After a restart** the memory is empty. A row whose first copy lies before the start of reading passes once more: a
 * key passes at least once, and in each `withinMs` at most once more than there were restarts. So a sink batch that is
 * written again may hold such a row besides. Windows behind it still count a row once, if copies carry the same event
 * time: the windows of the first copy were closed before the start.
 *
 * Not before views: they count every record of the log, so `foldViews` refuses its batches, by type and when it runs.
 *
 * Batches stay, also empty ones, and speak of the same records. Completes and errors with its source. Unsubscribing forgets
 * the keys. Memory: the keys, a map entry and a queue entry each.
 *
 * @example
 * batches.pipe(dedupe({ by: ["userId", "song"], withinMs: 3_600_000 }), writeTo(sink))
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function dedupe<R>(options: DedupeOptions<R>): OperatorFunction<ColumnarBatch<R>, ColumnarBatch<R>> {
  const { by, withinMs, maxKeys = 1_000_000, telemetry = silent } = options;
  const problems = new Problems();
  if (!(withinMs > 0)) problems.add("withinMs", `must be more than 0, not ${withinMs}`);
  if (!Number.isSafeInteger(maxKeys) || maxKeys < 1) problems.add("maxKeys", `must be a whole number of at least 1, not ${maxKeys}`);
  if (typeof by === "object" && by.length === 0) problems.add("by", "must name at least one column");
  problems.throwIfAny("dropping duplicates");
  const columns = typeof by === "function" ? [] : typeof by === "string" ? [by] : by;
  const keysOf = (batch: ColumnarBatch<R>): KeyOfRow => {
    if (typeof by !== "function") return keyOfColumns(batch, columns);
    const keys = rowsOf(batch).map((row) => by(row));
    return (row) => keys[row]!;
  };
  return (source) =>
    new Observable((subscriber) => {
      const memories = new Map<number, KeyMemory>();
      const distinct = (batch: ColumnarBatch<R>): ColumnarBatch<R> => {
        const { topic, partition, length, appendedAt } = batch;
        let memory = memories.get(partition);
        if (memory === undefined) memories.set(partition, (memory = new KeyMemory(withinMs, maxKeys)));
        const before = memory.forgotten;
        const keyOf = keysOf(batch);
        const kept = new Int32Array(length);
        let count = 0;
        for (let row = 0; row < length; row++) {
          if (memory.isFirst(keyOf(row), appendedAt[row]!)) kept[count++] = row;
        }
        if (before === 0 && memory.forgotten > 0) {
          const message = `finding duplicates in "${topic}" partition ${partition}: more than ${maxKeys} keys within ${withinMs} ms, so the oldest are forgotten and their duplicates pass`;
          telemetry({ type: "Warning", code: "DEDUPE_MEMORY", message });
        }
        return inheritSource(pickRows(batch, kept.subarray(0, count)), batch, "dedupe");
      };
      return source.pipe(map(distinct)).subscribe(subscriber);
    });
}
