import { partitionName, segmentName } from "@millrace/core";
import type { Clock, Retry, ViewStore } from "@millrace/core";
import { linkedAbort } from "../tasks/linked-abort.js";
import type { FoldedWrites, SegmentWrite } from "./segment-write.js";
import { SpeedGapError } from "./speed-gap-error.js";

export interface WriteFoldedOptions {
  readonly store: ViewStore;
  /** What expiry is measured by. */
  readonly clock: Clock;
  readonly retry: Retry;
}

/**
 * Makes one flush durable: first the rows, each view and segment in a call of its own, all at once; then the progress
 * rows, in one call. Repeating it, after any failure, changes nothing.
 *
 * @throws {SpeedGapError} when a segment is past its `coveredUntil`, before anything more is written.
 * @throws the store's error once retries are exhausted; calls under way are aborted.
 */
export async function writeFolded({ segments }: FoldedWrites, options: WriteFoldedOptions, signal: AbortSignal): Promise<void> {
  if (segments.length === 0) return;
  const { store, clock, retry } = options;
  refuseUncovered(segments, clock.now());
  const { abort, unlink } = linkedAbort(signal);
  try {
    // As many calls as there are views and segments in the flush: the credits bound the segments, and each is one small batch.
    await Promise.all(
      segments.flatMap((segment) =>
        segment.rows.map(({ view, partials }) =>
          retry(
            `writing rows of view "${view.name}"`,
            async (attempt) => {
              refuseUncovered([segment], clock.now());
              await store.write(view, partials, segment.expiresAt, attempt);
            },
            abort.signal,
          ),
        ),
      ),
    );
    const progress = segments.flatMap((segment) => segment.progress);
    await retry(
      `writing progress of "${partitionName(segments[0]!.segment)}"`,
      async (attempt) => {
        refuseUncovered(segments, clock.now());
        await store.writeProgress(progress, attempt);
      },
      abort.signal,
    );
  } catch (error) {
    abort.abort(error);
    throw error;
  } finally {
    unlink();
  }
}

/** The store may forget rows from their expiry on, and a time to live of zero would keep them for ever. */
function refuseUncovered(segments: readonly SegmentWrite[], now: number): void {
  for (const { segment, coveredUntil } of segments) {
    if (now >= coveredUntil) {
      throw new SpeedGapError(segment, {
        from: segment.first,
        until: null,
        reason: `segment ${segmentName(segment)} could be written until ${new Date(coveredUntil).toISOString()} only`,
      });
    }
  }
}
