import { concat, connect, of, switchMap, take } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { ConfigurationError, DEFAULT_GRID } from "@millrace/core";
import type { AnyView, Clock, ColumnBatch, Grid, ViewStore } from "@millrace/core";
import { sourceOf } from "../consume/batch-source.js";
import { BatchSourceError } from "../consume/batch-source-error.js";
import type { Progress } from "../consume/progress.js";
import { resolveDelivery } from "../delivery/delivery-options.js";
import type { DeliveryOptions } from "../delivery/delivery-options.js";
import { DEFAULT_FLUSH_MIN_MS, groupCommit } from "../worker/group-commit.js";
import { SegmentFolder } from "../worker/segment-folder.js";
import { DEFAULT_SPEED_RETENTION_MS } from "../worker/speed-retention.js";
import { writeFolded } from "../worker/write-folded.js";

export interface FoldViewsOptions extends DeliveryOptions {
  readonly store: ViewStore;
  /** Default 200,000 offsets and 15 minutes; `segmentMs: null` for a topic stamped by its producers. */
  readonly grid?: Grid;
  /** A flush starts no sooner than this after the start of the one before, ms. Default 20. */
  readonly flushMinMs?: number;
  /** Life of rows after their segment's first record, ms. Default 7 days. */
  readonly speedRetentionMs?: number;
  /** What pauses are measured by. Default: `clock`. */
  readonly timers?: Clock;
}

/** Far behind, a flush waits for so many records, or a quarter of a second. */
const FLUSH_RECORDS = 20_000;

/**
 * Terminal: folds every record of one partition into the views and keeps their rows and progress in `store`.
 *
 * Takes batches straight from `consume`, told of the views by its option `views`: it errors at a batch that was mapped,
 * filtered, dropped, repeated or reordered, because views count every record of the log, duplicates included. Reading
 * must begin at the partition's origin or at the end of a segment.
 *
 * Emits the progress that became durable. A failed write is retried with growing pauses; then the operator errors, and
 * nothing is skipped. Completes once all is durable after its source completed. Unsubscribing aborts the flush under way.
 * Concurrency: one flush at a time, the rows of all views at once, while folding goes on. Memory: partials of the open
 * segment.
 *
 * It knows nothing of generations: `createSpeedLayer` is this operator with start positions, manifests and heartbeats.
 */
export function foldViews(views: readonly AnyView[], options: FoldViewsOptions): OperatorFunction<ColumnBatch, Progress> {
  const { store, grid = DEFAULT_GRID, flushMinMs = DEFAULT_FLUSH_MIN_MS, speedRetentionMs = DEFAULT_SPEED_RETENTION_MS } = options;
  const definitions = views.map(({ definition }) => definition);
  const topics = new Set(definitions.map(({ from }) => from.topic));
  if (topics.size !== 1) throw new ConfigurationError("folding views", [{ path: "views", message: `must be of one topic, not of ${topics.size}` }]);
  const { retry, clock, telemetry } = resolveDelivery(options);
  const timers = options.timers ?? clock;
  return connect((batches) =>
    batches.pipe(
      take(1),
      switchMap((first) => {
        const { topic, logVersion, partition } = first;
        if (!topics.has(topic)) throw new ConfigurationError("folding views", [{ path: "views", message: `none is of topic "${topic}"` }]);
        const at = { topic, logVersion, partition };
        const { follows: start, reading } = sourceOf(first, "foldViews");
        if (reading?.isMerged === true) throw new BatchSourceError("foldViews", first, "views are folded partition by partition: read with consume, not with consumeAll");
        const folder = new SegmentFolder({ partition: at, views: definitions, grid, start, ends: [], speedRetentionMs, overlapping: store.overlapping ?? true });
        let prepared: Promise<void> | undefined;
        return concat(of(first), batches).pipe(
          groupCommit({
            partition: at,
            folder,
            timers,
            flushMinMs,
            flushRecords: FLUSH_RECORDS,
            write: async (folded, signal) => {
              prepared ??= retry("preparing the store", (attempt) => store.prepare(definitions, attempt), signal);
              await prepared;
              const startedMs = performance.now();
              await writeFolded(folded, { store, clock, retry }, signal);
              const rows = folded.segments.flatMap((segment) => segment.rows).reduce((sum, { partials }) => sum + partials.length, 0);
              const { until, records, events, late, deadLetters } = folded;
              telemetry({ type: "Flushed", topic, partition, until, records, events, late, deadLetters, rows, durationMs: performance.now() - startedMs });
            },
          }),
        );
      }),
    ),
  );
}
