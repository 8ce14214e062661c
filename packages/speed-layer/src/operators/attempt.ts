import { concatMap, pipe } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { Problems, SINK_GRID } from "@millrace/core";
import type { EventBatch, SinkBatch } from "@millrace/core";
import { sealedBatch } from "../consume/batch-source.js";
import type { Seal } from "../consume/batch-source.js";
import { CallFailedError } from "../delivery/call-failed-error.js";
import { retryCall } from "../delivery/retry-call.js";
import type { CallOptions } from "../delivery/retry-call.js";
import type { Forked } from "./forked.js";
import { fromAbortable } from "./from-abortable.js";
import { sealOnGrid } from "./seal-on-grid.js";

/** A row whose call was given up. */
export interface FailedRow<R> {
  readonly row: R;
  /** The batch that the call had: the same on every replay. */
  readonly batchId: string;
  /** Calls that were made with it. */
  readonly attempts: number;
  /** What the last one failed with. */
  readonly error: string;
}

export interface AttemptOptions extends CallOptions {
  /** Offsets of a batch at most. Default 1,000. One bad row fails its whole batch, so make it 1 where rows fail alone. */
  readonly maxOffsets?: number;
}

/**
 * Does something with each batch of rows, repeats it when it fails, and after `maxAttempts` gives the rows up: they leave
 * by the side output, and the partition goes on. What succeeded leaves by the main output.
 *
 * A batch is a sink batch as `writeTo` forms them, so its id is the same on every replay: give it to the other side as an
 * idempotency key, because a call that seemed to fail may have worked, and a replay calls again. Pauses grow with full
 * jitter, on the given clock. A batch without rows is not called for.
 *
 * Completes once all calls are done after its source completed, without the unsealed batch. Errors with its source; failed
 * calls are no errors. Unsubscribing aborts the call under way. Concurrency: 1, in the order of the log. Memory: one
 * unsealed batch, and the sealed ones that wait, which the credits of the source bound.
 *
 * @example
 * batches.pipe(attempt("charging", (batch, signal) => charge(batch.id, batch.rows, signal), { maxAttempts: 4 }), forkTo(discard(), writeTo(failures)))
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function attempt<R>(
  operation: string,
  call: (batch: SinkBatch<R>, signal: AbortSignal) => Promise<unknown>,
  options: AttemptOptions = {},
): OperatorFunction<EventBatch<R>, Forked<R, FailedRow<R>>> {
  const { maxOffsets = SINK_GRID.segmentOffsets, maxAttempts = 5 } = options;
  const problems = new Problems();
  for (const [path, value] of Object.entries({ maxOffsets, maxAttempts })) {
    if (!Number.isSafeInteger(value) || value < 1) problems.add(path, `must be a whole number of at least 1, not ${value}`);
  }
  if (maxOffsets > SINK_GRID.segmentOffsets) problems.add("maxOffsets", `must be at most ${SINK_GRID.segmentOffsets}: credits must suffice for a batch`);
  problems.throwIfAny(operation);
  const retry = retryCall({ ...options, maxAttempts });
  return pipe(
    sealOnGrid<R>("attempt", { ...SINK_GRID, segmentOffsets: maxOffsets }),
    concatMap(({ batch: { rows, ...batch }, progress }) =>
      fromAbortable(async (signal): Promise<Forked<R, FailedRow<R>>> => {
        const seal: Seal = { batch, progress };
        const sunk = (failed: readonly FailedRow<R>[]): Forked<R, FailedRow<R>> => ({ main: sealedBatch(seal, failed.length > 0 ? [] : rows), side: sealedBatch(seal, failed) });
        if (rows.length === 0) return sunk([]);
        let attempts = 0;
        try {
          await retry(
            `${operation} batch "${batch.id}"`,
            (each) => {
              attempts++;
              return call({ ...batch, rows }, each);
            },
            signal,
          );
          return sunk([]);
        } catch (error) {
          if (!(error instanceof CallFailedError)) throw error;
          return sunk(rows.map((row) => ({ row, batchId: batch.id, attempts, error: error.message })));
        }
      }),
    ),
  );
}
