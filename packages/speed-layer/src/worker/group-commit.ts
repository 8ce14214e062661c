import { Observable } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { Clock, ColumnBatch, LogPartition } from "@millrace/core";
import { sourceOf } from "../consume/batch-source.js";
import { BatchSourceError } from "../consume/batch-source-error.js";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";
import { Pacing } from "./pacing.js";
import type { SegmentFolder } from "./segment-folder.js";
import type { FoldedWrites } from "./segment-write.js";

/** Default of `flushMinMs`. */
export const DEFAULT_FLUSH_MIN_MS = 20;

/** While the partition's end is far, a flush waits this long for more, so that rows are written less often. */
const BEHIND_FLUSH_MS = 250;

export interface GroupCommitOptions {
  readonly partition: LogPartition;
  readonly folder: SegmentFolder;
  /** Makes a flush durable. */
  readonly write: (folded: FoldedWrites, signal: AbortSignal) => Promise<void>;
  /** What pauses are measured by. */
  readonly timers: Clock;
  /** A flush starts no sooner than this after the start of the one before, ms. */
  readonly flushMinMs: number;
  /** Far behind, a flush waits until so many records are folded. */
  readonly flushRecords: number;
  /** While this says so, flushes do not wait. */
  readonly urgent?: () => boolean;
  /** Called with a function that makes a waiting flush look at `urgent` again. */
  readonly onStart?: (notify: () => void) => void;
}

/**
 * Folds batches as they come and flushes what they changed: the next flush starts as soon as the previous one is
 * durable. Idle, an event is written at once; under load, flushes grow by themselves.
 *
 * Emits the progress that became durable. Completes once all that was folded is durable after the source completed.
 * Errors with the source's error, or with that of a flush; what was folded since is dropped and must be read again.
 * Unsubscribing aborts the flush under way. Concurrency: one flush at a time, while folding goes on. Memory: the open
 * segment's partials and those of the flush under way; the credits of the source bound the records behind them.
 */
export function groupCommit(options: GroupCommitOptions): OperatorFunction<ColumnBatch, Progress> {
  const { folder, partition, timers, flushMinMs, flushRecords } = options;
  return (source) =>
    new Observable<Progress>((subscriber) => {
      const abort = new AbortController();
      const { signal } = abort;
      const pacing = new Pacing(timers);
      let completed = false;
      let caughtUp = false;
      let lastStart = -Infinity;
      const hurried = (): boolean => completed || (options.urgent?.() ?? false);
      const worthwhile = (): boolean => caughtUp || hurried() || folder.untaken >= flushRecords;

      const flushAll = async (): Promise<void> => {
        for (;;) {
          await pacing.until(() => folder.hasNews || completed, signal);
          // A clock that was set back must not hold flushes back.
          const pause = Math.min(flushMinMs, lastStart + flushMinMs - timers.now());
          await pacing.untilOrFor(hurried, pause, signal);
          await pacing.untilOrFor(worthwhile, BEHIND_FLUSH_MS, signal);
          const folded = folder.take();
          if (folded === undefined) {
            if (completed) return;
            continue;
          }
          lastStart = timers.now();
          await options.write(folded, signal);
          subscriber.next(progressOf(partition.topic, partition.partition, folded.position));
        }
      };
      options.onStart?.(() => pacing.notify());

      const subscription = source.subscribe({
        next: (batch) => {
          try {
            requireNext(batch, folder.position);
            folder.add(batch);
          } catch (error) {
            subscriber.error(error);
            return;
          }
          caughtUp = batch.raw.position >= batch.raw.end;
          pacing.notify();
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          completed = true;
          pacing.notify();
        },
      });
      flushAll().then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => {
        subscription.unsubscribe();
        abort.abort();
      };
    });
}

/** A dropped, repeated or reordered batch would fold into a smaller or larger number than the truth. */
function requireNext(batch: ColumnBatch, position: number): void {
  const source = sourceOf(batch, "foldViews");
  if (!source.whole) throw new BatchSourceError("foldViews", batch, "its rows were mapped or filtered, and views count every record of the log");
  if (source.follows !== position) {
    throw new BatchSourceError("foldViews", batch, `it follows offset ${source.follows}, but the last one ended at ${position}: batches were dropped, repeated or reordered`);
  }
}
