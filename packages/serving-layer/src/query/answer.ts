import type { Cut, LogPartition } from "@millrace/core";
import type { MissingRange } from "../chain/missing-range.js";

/** Rows, and what they are made of. */
export interface Answer<R> {
  readonly rows: R[];
  readonly envelope: Envelope;
}

export interface AsOf extends LogPartition {
  /** The answer holds every record below it. */
  readonly offset: number;
}

/** What an answer is made of. Plain JSON; times are epoch ms. */
export interface Envelope {
  /** Number of the generation below the cut; 0 when none was published. */
  readonly generation: number;
  /** Below it the rows are the batch layer's, at or above the speed layer's. */
  readonly cut: Cut;
  /** The answer holds everything below these offsets, and at most everything there is now. */
  readonly asOf: readonly AsOf[];
  /** The smallest of the partitions' largest event times; null when some partition's is not known. */
  readonly watermark: number | null;
  /** Whether the range reaches windows that are not final by watermark and lateness. Late events count all the same. */
  readonly provisional: boolean;
  /** False when records below the ends of the log are known to be missing: see `missing`. */
  readonly complete: boolean;
  /** Late events among the records at or above the cut. */
  readonly late: number;
  /** Records of the log above `asOf`, at most. */
  readonly behind: number;
  /** Age of the oldest heartbeat among the partitions that are behind; 0 when none is, null when one has no worker. */
  readonly staleMs: number | null;
  /** Present when not complete. */
  readonly missing?: readonly MissingRange[];
}
