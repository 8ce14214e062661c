import { walkChain } from "@millrace/core";
import type { LogPartition, ProgressRow } from "@millrace/core";

/**
 * Where a worker starts to read: the first position that is not covered by sealed segments, walking from the cut as the
 * reader does, the smallest over the views it serves. Always a segment's end, the cut, or the origin.
 *
 * `progress` holds the progress rows of each view's topic; expired ones and those of other partitions are left out here.
 * `cut` is the current cut of the partition, or its origin when no generation knows it.
 */
export function startPosition(progress: readonly (readonly ProgressRow[])[], partition: LogPartition, cut: number, now: number): number {
  let start = Infinity;
  for (const rows of progress) {
    const links = rows.filter(
      ({ segment, coveredUntil }) => segment.partition === partition.partition && segment.logVersion === partition.logVersion && coveredUntil > now,
    );
    start = Math.min(start, walkChain(links, cut).sealedUntil);
  }
  return start;
}
