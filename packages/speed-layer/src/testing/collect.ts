import { concatMap } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { sealOf } from "../consume/batch-source.js";
import type { Progress } from "../consume/progress.js";

/**
 * A terminal operator that is durable at once: rows by the id of their sink batch. Throws when an id comes again with
 * other rows, unless they `mayChange`.
 */
export function collect<R>(into: Map<string, readonly R[]>, mayChange = false): OperatorFunction<EventBatch<R>, Progress> {
  return concatMap((batch) => {
    const { batch: sink, progress } = sealOf(batch)!;
    const rows = [...batch.rows];
    const before = into.get(sink.id);
    if (!mayChange && before !== undefined && JSON.stringify(before) !== JSON.stringify(rows)) {
      throw new Error(`batch "${sink.id}" was ${JSON.stringify(before)} and is now ${JSON.stringify(rows)}`);
    }
    if (rows.length > 0) into.set(sink.id, rows);
    return progress;
  });
}
