import type { Cut, Generation, LogPartition, ProgressRow } from "@millrace/core";
import type { MissingRange } from "./missing-range.js";

/** What can be answered of one partition of one incarnation of the topic. */
export interface PartitionCoverage extends LogPartition {
  /** Below it is batch. The partition's origin where the cut does not know it. */
  readonly cut: number;
  /** Every record below it is in the answer. */
  readonly reach: number;
  /** First offset still in the log; undefined for an incarnation that is gone. */
  readonly start: number | undefined;
  /** The end of the log when it was looked at; undefined for an incarnation that is gone. */
  readonly end: number | undefined;
  /** The segments to merge: the chain from the cut. */
  readonly links: readonly ProgressRow[];
  /** Events below this time (epoch ms) are in the answer, but for late ones; null when nothing says. */
  readonly watermark: number | null;
  /** The partition never held a record that the answer could miss: it holds no watermark back. */
  readonly empty: boolean;
  /** Latest heartbeat of a worker, epoch ms of its clock. */
  readonly heartbeatAt: number | null;
}

/** One look at the generation and the chain: all that an answer is made from. */
export interface Coverage {
  readonly generation: Generation | null;
  /** The cut of the view's topic. */
  readonly cut: Cut;
  readonly partitions: readonly PartitionCoverage[];
  readonly missing: readonly MissingRange[];
}
