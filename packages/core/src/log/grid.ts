/**
 * The grid that speed layer and ingest cut a partition's log on, without talking to each other.
 *
 * A segment starts at the origin, or at a record where, against the record before it, `floor(offset / segmentOffsets)`
 * grew, or `floor(appendedAt / segmentMs)` exceeds that of the segment's first record.
 */
export interface Grid {
  /** Offsets in one run of the grid (S). Default 200,000. */
  readonly segmentOffsets: number;
  /** Milliseconds of broker time in one run of the grid (T). Default 15 minutes. `null`: the topic has no broker clock. */
  readonly segmentMs: number | null;
}

/** Segments of at most 200,000 offsets and 15 minutes. */
export const DEFAULT_GRID: Grid = { segmentOffsets: 200_000, segmentMs: 15 * 60_000 };

/** The grid on which rows that leave Millrace are grouped into sink batches. */
export const SINK_GRID: Grid = { segmentOffsets: 1_000, segmentMs: 1_000 };

/** What the grid needs to remember of an open segment. */
export interface OpenSegment {
  /** Offset of its first record. */
  readonly first: number;
  /** Broker time of its first record, epoch ms. */
  readonly firstAppendedAt: number;
}

/** Whether the record (`offset`, `appendedAt`) opens a new segment, given the record before it (`previousOffset`). */
export function opensSegment(grid: Grid, open: OpenSegment, previousOffset: number, offset: number, appendedAt: number): boolean {
  return (
    Math.floor(offset / grid.segmentOffsets) > Math.floor(previousOffset / grid.segmentOffsets) ||
    (grid.segmentMs !== null && Math.floor(appendedAt / grid.segmentMs) > Math.floor(open.firstAppendedAt / grid.segmentMs))
  );
}

/**
 * The index of the first record in `[from, length)` that opens a new segment, or `length`. `previousOffset` is the
 * offset of the record before index `from`, which belongs to `open`.
 */
export function nextBoundary(
  grid: Grid,
  open: OpenSegment,
  previousOffset: number,
  offsets: Float64Array,
  appendedAt: Float64Array,
  from: number,
  length: number,
): number {
  let previous = previousOffset;
  for (let i = from; i < length; i++) {
    const offset = offsets[i]!;
    if (opensSegment(grid, open, previous, offset, appendedAt[i]!)) return i;
    previous = offset;
  }
  return length;
}
