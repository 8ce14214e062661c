import type { CellValue } from "../measures/cell.js";
import type { SegmentId } from "../log/segment.js";

/** A dimension's value as stores and answers hold it: as {@link Literal}, timestamps as epoch ms; null is a value. */
export type DimensionValue = string | number | bigint | boolean | null;

/**
 * Partials (accumulators of one view, window, key, partition and segment), column by column: entry `i` of every array
 * belongs to row `i`. Absolute values, not increments: writing one again, or an older version of it, changes nothing.
 */
export interface PartialBatch {
  readonly length: number;
  /** Start of the window, epoch ms: a multiple of the view's `every`. */
  readonly windows: Float64Array;
  /** One array a dimension, in the order of the view's `by`. */
  readonly dimensions: readonly (readonly DimensionValue[])[];
  /** One array a cell, in the order of the view's `cells`. */
  readonly cells: readonly (readonly CellValue[])[];
}

/** Partials of one segment on their way to a store or from it. */
export interface SegmentPartials extends PartialBatch {
  readonly segment: SegmentId;
  /** Per row: offset of the last event in it + 1. A store keeps the row with the highest. */
  readonly versions: Float64Array;
  /**
   * On the way to a store: broker time of the segment's first record, epoch ms, as its progress says it. Stores may place
   * rows by it. What comes from a store may lack it.
   */
  readonly receivedAt?: number;
}
