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

/** Rows that a start finds durable: those of every view in the segment that it folds first, below `until`. */
export interface DurableRows {
  readonly first: number;
  readonly until: number;
}

/**
 * What is durable of the segment that a start at `position` folds first: its rows were, before the progress that tells of
 * them was written. Folding the segment again gives the same rows, which need not be written again. Undefined where a view
 * has nothing of it, or rows that reads might not meet.
 */
export function durableAtStart(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, now: number, position: number): DurableRows | undefined {
  let durable: DurableRows | undefined;
  for (const rows of progress) {
    const row = rows
      .filter(({ segment, previous, overlapping, coveredUntil }) => segment.partition === partition.partition && segment.logVersion === partition.logVersion && segment.end === undefined && previous === position && overlapping && coveredUntil > now)
      .reduce<ProgressRow | undefined>((furthest, each) => (furthest === undefined || each.until > furthest.until ? each : furthest), undefined);
    if (row === undefined || (durable !== undefined && durable.first !== row.segment.first)) return undefined;
    durable = { first: row.segment.first, until: Math.min(row.until, durable?.until ?? Infinity) };
  }
  return durable;
}

function chainsOf(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, cuts: readonly number[], now: number): readonly Chain<ProgressRow>[] {
  return progress.map((rows, i) =>
    walkChain(
      rows.filter(({ segment, coveredUntil }) => segment.partition === partition.partition && segment.logVersion === partition.logVersion && coveredUntil > now),
      cuts[i]!,
    ),
  );
}
