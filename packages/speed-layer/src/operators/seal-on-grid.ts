import { Observable } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { SINK_GRID, nextBoundary, partitionName } from "@millrace/core";
import type { EventBatch, Grid, OpenSegment, SinkBatch } from "@millrace/core";
import { sourceOf } from "../consume/batch-source.js";
import { BatchSourceError } from "../consume/batch-source-error.js";

/**
 * Groups the rows of one partition into sink batches on a fixed grid over *all* its records: those that were filtered or
 * are dead letters cut it as well. So every replay from the same start forms the same batches, whatever sizes it reads.
 *
 * Emits a batch when the first record of the next one is seen, also one without rows. Completes and errors with its
 * source; the unsealed batch is then dropped, it comes again with the next reading. Errors when batches were dropped,
 * repeated or reordered. Memory: the rows of one unsealed batch.
 */
export function sealOnGrid<R>(operator: string, grid: Grid = SINK_GRID): OperatorFunction<EventBatch<R>, SinkBatch<R>> {
  return (source) =>
    new Observable((subscriber) => {
      let open: OpenSegment | undefined;
      let until = 0;
      let rows: R[] = [];
      let position: number | undefined;
      const add = (batch: EventBatch<R>): void => {
        const { raw, follows } = sourceOf(batch, operator);
        if (position !== undefined && follows !== position) {
          throw new BatchSourceError(operator, batch, `it follows offset ${follows}, but the last one ended at ${position}: batches were dropped, repeated or reordered`);
        }
        const { topic, logVersion, partition } = batch;
        const { offsets, appendedAt, length } = raw;
        const remaining = batch.rows[Symbol.iterator]();
        let row = 0;
        for (let i = 0; i < length; ) {
          const fresh = open === undefined;
          open ??= { first: offsets[i]!, firstAppendedAt: appendedAt[i]! };
          const at = nextBoundary(grid, open, fresh ? offsets[i]! : until - 1, offsets, appendedAt, fresh ? i + 1 : i, length);
          for (; row < batch.length && (at === length || batch.offsets[row]! < offsets[at]!); row++) {
            const next = remaining.next();
            if (next.done !== true) rows.push(next.value);
          }
          if (at > i) until = offsets[at - 1]! + 1;
          if (at < length) {
            const { first } = open;
            const sealed: SinkBatch<R> = { id: `${partitionName(batch)}/${first}`, topic, logVersion, partition, from: first, until, rows };
            open = undefined;
            rows = [];
            subscriber.next(sealed);
          }
          i = at;
        }
        position = raw.position;
      };
      return source.subscribe({
        next: (batch) => {
          try {
            add(batch);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
