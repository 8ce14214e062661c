import { concatMap, mergeMap, pipe } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch, Sink } from "@millrace/core";
import type { Progress } from "../consume/progress.js";
import { resolveDelivery } from "../delivery/delivery-options.js";
import type { DeliveryOptions } from "../delivery/delivery-options.js";
import { fromAbortable } from "./from-abortable.js";
import { sealOnGrid } from "./seal-on-grid.js";

/**
 * Terminal: writes each sealed sink batch to `sink`, in the order of the log, one in flight at a time.
 *
 * A sink batch is a run of at most 1,000 offsets and one second of broker time, over all records of the partition; it is
 * written once the record after it was seen, under the id `<topic>/v<logVersion>-p<partition>/<first offset>`, and every
 * replay writes the same rows under the same id. A batch whose rows were all filtered is not written. What a window or
 * `attempt` emits is one sink batch of its own.
 *
 * Emits the progress that became durable. A failed write is retried with growing pauses; then the operator errors with
 * the sink's error, and nothing is skipped. Completes with its source, leaving the unsealed batch unwritten.
 * Unsubscribing aborts the write in flight. Concurrency: 1. Memory: one unsealed batch a partition, and the sealed ones that wait;
 * the credits of the source bound them. Does not close the sink.
 *
 * @example
 * consume(log, plays, { maxInFlight: 10_000 }, (batches) => batches.pipe(writeTo(webhookSink(url))))
 */
export function writeTo<R>(sink: Sink<R>, options: DeliveryOptions = {}): OperatorFunction<EventBatch<R>, Progress> {
  const { retry, telemetry } = resolveDelivery(options);
  return pipe(
    sealOnGrid<R>("writeTo"),
    concatMap(({ batch, progress }) =>
      fromAbortable(async (signal) => {
        if (batch.rows.length === 0) return;
        const startedMs = performance.now();
        await retry(`writing batch "${batch.id}" to sink "${sink.name}"`, (attempt) => sink.write(batch, attempt), signal);
        telemetry({ type: "SinkBatchWritten", sink: sink.name, id: batch.id, rows: batch.rows.length, durationMs: performance.now() - startedMs });
      }).pipe(mergeMap(() => progress)),
    ),
  );
}
