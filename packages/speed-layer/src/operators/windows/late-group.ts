import { SINK_GRID } from "@millrace/core";
import type { LateEvent } from "./late-event.js";

/** Late events of one partition that are one sink batch: of a run of a thousand offsets, from its start or a step on. */
export interface LateGroup<R> {
  readonly from: number;
  readonly rows: LateEvent<R>[];
}

/** Where the group of a record begins: a function of the log, and of the last step at or before the record. */
export function lateGroupStart(offset: number, lastStep: number): number {
  return Math.max(lastStep, Math.floor(offset / SINK_GRID.segmentOffsets) * SINK_GRID.segmentOffsets);
}
