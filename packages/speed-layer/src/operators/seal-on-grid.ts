import { Observable } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { SINK_GRID, nextBoundary, partitionName } from "@millrace/core";
import type { EventBatch, Grid, OpenSegment, SinkBatch } from "@millrace/core";
import { sealOf, sourceOf } from "../consume/batch-source.js";
import { BatchSourceError } from "../consume/batch-source-error.js";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";
import { rowsOf } from "./rows-of.js";

/** A sink batch, and what is durable once it and all before it are. */
export interface Sealed<R> {
  readonly batch: SinkBatch<R>;
  readonly progress: readonly Progress[];
}

/** The unsealed sink batch of one partition. */
interface Unsealed<R> {
  open: OpenSegment | undefined;
  until: number;
  rows: R[];
  position: number | undefined;
}

/**
 * Groups the rows of each partition into sink batches on a fixed grid over *all* its records: those that were filtered or
 * are dead letters cut it as well. So every replay from the same start forms the same batches, whatever sizes it reads.
 * Rows that are sealed already, such as those of a window, stay one batch.
 *
 * Emits a batch when the first record of the next one is seen, also one without rows. Completes and errors with its
 * source; the unsealed batch is then dropped, it comes again with the next reading. Errors when batches were dropped,
 * repeated or reordered. Memory: the rows of one unsealed batch a partition.
 */
export function sealOnGrid<R>(operator: string, grid: Grid = SINK_GRID): OperatorFunction<EventBatch<R>, Sealed<R>> {
  return (source) =>
    new Observable((subscriber) => {
      const partitions = new Map<number, Unsealed<R>>();
      const add = (batch: EventBatch<R>): void => {
        const seal = sealOf(batch);
        if (seal !== undefined) {
          subscriber.next({ batch: { ...seal.batch, rows: rowsOf(batch) }, progress: seal.progress });
          return;
        }
        const { raw, follows } = sourceOf(batch, operator);
        const { topic, logVersion, partition } = batch;
        let unsealed = partitions.get(partition);
        if (unsealed === undefined) partitions.set(partition, (unsealed = { open: undefined, until: 0, rows: [], position: undefined }));
        if (unsealed.position !== undefined && follows !== unsealed.position) {
          throw new BatchSourceError(operator, batch, `it follows offset ${follows}, but the last one ended at ${unsealed.position}: batches were dropped, repeated or reordered`);
        }
        const { offsets, appendedAt, length } = raw;
        const rows = rowsOf(batch);
        let row = 0;
        for (let i = 0; i < length; ) {
          const fresh = unsealed.open === undefined;
          unsealed.open ??= { first: offsets[i]!, firstAppendedAt: appendedAt[i]! };
          const at = nextBoundary(grid, unsealed.open, fresh ? offsets[i]! : unsealed.until - 1, offsets, appendedAt, fresh ? i + 1 : i, length);
          const own = unsealed.rows;
          for (; row < rows.length && (at === length || batch.offsets[row]! < offsets[at]!); row++) own.push(rows[row]!);
          if (at > i) unsealed.until = offsets[at - 1]! + 1;
          if (at < length) {
            const { open, until, rows: sealed } = unsealed;
            unsealed.open = undefined;
            unsealed.rows = [];
            subscriber.next({
              batch: { id: `${partitionName(batch)}/${open.first}`, topic, logVersion, partition, from: open.first, until, rows: sealed },
              progress: [progressOf(topic, partition, until)],
            });
          }
          i = at;
        }
        unsealed.position = raw.position;
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
