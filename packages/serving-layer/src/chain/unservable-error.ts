import { MillraceError, partitionName } from "@millrace/core";
import type { MissingRange, MissingReason } from "./missing-range.js";

/** Why a query cannot be answered whole. */
export type UnservableReason = MissingReason | "row-beyond-segment";

const RETRYABLE: ReadonlySet<UnservableReason> = new Set<UnservableReason>(["broken-chain", "store-unreachable"]);

const ADVICE: Readonly<Record<UnservableReason, string>> = {
  "broken-chain": "usually a worker is about to write the segment again: repeat the query; if it stays, look at the speed layer's log",
  expired: "run the batch layer, so that a generation holds these records, or raise the speed layer's retention above the batch period",
  "missing-origin": "the grid record of the partition is gone: restore the files beside the manifests",
  trimmed: "the log's retention is shorter than the batch period: run ingest and the batch layer, they may hold these records already",
  truncated: "the log lost records, or the topic was re-created: raise its log version",
  "log-version": "a topic's log version only grows: correct the log's configuration",
  "not-built": "run the batch layer once with this view",
  "fingerprint-changed": "run the batch layer once with the new definition",
  "store-unreachable": "repeat the query once the store answers",
  unread: "start the speed layer",
  "worker-gap": "run ingest and the batch layer, which close the gap",
  "not-overlapping": "repeat the query with a higher read consistency",
  "row-beyond-segment": "the rows contradict their segment: two logs may share one store",
};

/**
 * The exact answer cannot be given, and a smaller one is never served. `ranges` tell which records are not covered;
 * `allowIncomplete: true` asks for an answer without them, where that is possible.
 */
export class UnservableError extends MillraceError {
  readonly code = "UNSERVABLE";
  readonly retryable: boolean;
  readonly view: string;
  /** The reason of the first range. */
  readonly reason: UnservableReason;
  readonly ranges: readonly MissingRange[];
  /** How far the run is that builds the view's table, where it has none yet. */
  readonly progress: string | undefined;

  constructor(view: string, reason: UnservableReason, info: { readonly ranges: readonly MissingRange[]; readonly detail?: string; readonly progress?: string; readonly cause?: unknown }) {
    const told = [info.progress, info.detail ?? info.ranges.map(describeRange).join("; ")].filter((text) => text !== undefined && text !== "").join("; ");
    super(`answering from view "${view}": ${reason}${told === "" ? "" : ` (${told})`}`, { cause: info.cause, advice: ADVICE[reason] });
    this.view = view;
    this.reason = reason;
    this.ranges = info.ranges;
    this.progress = info.progress;
    this.retryable = info.ranges.length > 0 ? info.ranges.every((range) => RETRYABLE.has(range.reason)) : RETRYABLE.has(reason);
  }
}

function describeRange(range: MissingRange): string {
  return `"${partitionName(range)}" from offset ${range.from} ${range.until === null ? "on" : `to ${range.until}`}: ${range.reason}`;
}
