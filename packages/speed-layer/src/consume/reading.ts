import type { Clock } from "@millrace/core";

/** What operators may know of the reading that a batch comes from. */
export interface Reading {
  /** All partitions go through one pipeline. */
  readonly isMerged: boolean;
  /** The partitions that this pipeline reads, from the moment they are known: also those that gave no batch yet. */
  readonly partitions: Iterable<number>;
  /** The clock of the reading. */
  readonly clock: Clock;
  /**
   * Since when a partition has been waiting for records, epoch ms: undefined while it reads no further because its
   * credits are spent. A partition that is not read is not idle.
   */
  readonly polledSince: (partition: number) => number | undefined;
}
