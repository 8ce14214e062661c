/**
 * One offset per (topic, partition), on segment boundaries: below is batch, at or above is speed. A partition that is
 * not in the cut is all speed, from its origin.
 */
export type Cut = Readonly<Record<string, readonly CutPosition[]>>;

/** Where a cut lies in one partition. */
export interface CutPosition {
  readonly partition: number;
  readonly logVersion: number;
  /** First offset that the batch layer did not include. */
  readonly offset: number;
}

/** The cut before the first generation: everything is the speed layer's. */
export const EMPTY_CUT: Cut = {};

/** The cut of one partition, or undefined when the cut does not know it. */
export function cutOf(cut: Cut, topic: string, partition: number): CutPosition | undefined {
  return cut[topic]?.find((position) => position.partition === partition);
}
