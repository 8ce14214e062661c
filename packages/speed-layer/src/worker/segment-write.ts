import type { ProgressRow, SegmentId, SegmentPartials, ViewDefinition } from "@millrace/core";

/** What one flush writes of one segment: rows and the progress that speaks of them, captured at the same record. */
export interface SegmentWrite {
  readonly segment: SegmentId;
  readonly sealed: boolean;
  /** Records of the segment below its progress. */
  readonly records: number;
  /** Changed rows, by view; views without any are left out. */
  readonly rows: readonly { readonly view: ViewDefinition; readonly partials: SegmentPartials }[];
  /** One row a view. */
  readonly progress: readonly ProgressRow[];
  /** From this instant (epoch ms) on the segment must not be written any more. */
  readonly coveredUntil: number;
  /** When the store may drop the rows, epoch ms. */
  readonly expiresAt: number;
}

/** One flush: everything folded since the one before. */
export interface FoldedWrites {
  readonly segments: readonly SegmentWrite[];
  /** Offset after the last record folded. */
  readonly until: number;
  /** Where reading goes on: past the last record and past the gaps behind it. */
  readonly position: number;
  /** End of the last segment that is sealed once this is durable; undefined when none is. */
  readonly sealedUntil: number | undefined;
  /** Since the flush before. */
  readonly records: number;
  readonly events: number;
  readonly late: number;
  readonly deadLetters: number;
}
