import type { LogPartition } from "./position.js";

/**
 * A run of records of one partition between two grid points. Equal ids have equal records on every worker: `end` is
 * there only when a manifest ended the segment where the grid would not have.
 */
export interface SegmentId extends LogPartition {
  /** Offset of its first record. */
  readonly first: number;
  /** Offset after its last record, when a manifest fixed it short of the grid. */
  readonly end?: number;
}

/** `50`, or `50~100` when a manifest ended it. */
export function segmentName({ first, end }: Pick<SegmentId, "first" | "end">): string {
  return end === undefined ? `${first}` : `${first}~${end}`;
}

/** @throws {RangeError} when `name` is not one that {@link segmentName} makes. */
export function parseSegmentName(name: string): { readonly first: number; readonly end?: number } {
  const match = /^(\d+)(?:~(\d+))?$/.exec(name);
  if (match === null) throw new RangeError(`reading segment name "${name}"`);
  const first = Number(match[1]);
  return match[2] === undefined ? { first } : { first, end: Number(match[2]) };
}
