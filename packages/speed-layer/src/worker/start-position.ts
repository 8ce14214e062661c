import { walkChain } from "@millrace/core";
import type { Chain, LogPartition, ProgressRow } from "@millrace/core";

/**
 * Where a worker starts to read: the first position that is not covered by sealed segments, walking from the cut as the
 * reader does, the smallest over the views it serves. Always a segment's end, the cut, or the origin.
 *
 * `progress` holds the progress rows of each view's topic; expired ones and those of other partitions are left out here.
 * `cuts` has the partition's cut in the generation that serves each view, or its origin when that does not know it.
 */
export function startPosition(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, cuts: readonly number[], now: number): number {
  return Math.min(...chainsOf(progress, partition, cuts, now).map(({ sealedUntil }) => sealedUntil));
}

/**
 * The progress rows, one a view, that a start at `position` rests on: the last sealed segment below it. Their writer may
 * have died before enough replicas had them: then this worker saw them, and a reader that asks other replicas finds the
 * chain broken behind them, for good. Whoever starts there writes them again first. Those before have a follower, whose
 * writer has seen to them.
 */
export function startRestsOn(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, cuts: readonly number[], now: number, position: number): readonly ProgressRow[] {
  return chainsOf(progress, partition, cuts, now).flatMap(({ links }) => links.findLast(({ sealed, until }) => sealed && until <= position) ?? []);
}

function chainsOf(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, cuts: readonly number[], now: number): readonly Chain<ProgressRow>[] {
  return progress.map((rows, i) =>
    walkChain(
      rows.filter(({ segment, coveredUntil }) => segment.partition === partition.partition && segment.logVersion === partition.logVersion && coveredUntil > now),
      cuts[i]!,
    ),
  );
}
