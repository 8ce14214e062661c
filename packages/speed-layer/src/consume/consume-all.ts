import type { Observable } from "rxjs";
import type { ColumnBatch, Columns, EventLog, Row, Stream } from "@millrace/core";
import { consumeAllPlan } from "./consume-plan.js";
import { resolveConsume } from "./consume.js";
import type { ConsumeOptions } from "./consume.js";
import type { Progress } from "./progress.js";

/**
 * Reads a stream as {@link consume} does, but with one pipeline for all its partitions: for windows over keys that lie
 * in several partitions. Batches of different partitions come in no certain order, those of one partition in its own.
 *
 * Emits every {@link Progress} of the pipeline, of whatever partition; each partition has credits of its own, so a
 * partition that is held back does not hold the others. Completion, errors and unsubscription are those of `consume`.
 * Memory: `maxInFlight` records a partition, and one batch each that the log may read ahead.
 *
 * @example
 * consumeAll(log, plays, {}, (batches) => batches.pipe(tumbling(playsByMinute), forkTo(writeTo(sink), discard())));
 *
 * @throws {ConfigurationError} when `maxInFlight` is too small.
 */
export function consumeAll<C extends Columns>(
  log: EventLog,
  from: Stream<C>,
  options: ConsumeOptions,
  pipeline: (batches: Observable<ColumnBatch<Row<C>>>) => Observable<Progress>,
): Observable<Progress> {
  return consumeAllPlan(log, ...resolveConsume(`consuming all of "${from.topic}"`, from, options), pipeline);
}
