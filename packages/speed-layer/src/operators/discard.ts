import { concatMap } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { sealOf, sourceOf } from "../consume/batch-source.js";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";

/**
 * Terminal: drops every row, and says that nothing is outstanding. For an output that is not wanted, so that this stands
 * in the pipeline and is not forgotten; or for a pipeline whose work is done in {@link attempt}.
 *
 * Completes and errors with its source. Holds nothing.
 *
 * @example
 * batches.pipe(tumbling(playsByMinute), forkTo(writeTo(windows), discard()))
 */
export function discard<R>(): OperatorFunction<EventBatch<R>, Progress> {
  return concatMap((batch) => sealOf(batch)?.progress ?? [progressOf(batch.topic, batch.partition, sourceOf(batch, "discard").raw.position)]);
}
