import type { LogPartition } from "@millrace/core";

/** Why a part of the log is not in an answer. */
export type MissingReason =
  /** Progress rows lie beyond the reach of the chain: a segment between is not (yet) there. */
  | "broken-chain"
  /** The store may have dropped the rows: their time is over and no generation holds them yet. */
  | "expired"
  /** Progress exists, but nobody recorded where the partition began. */
  | "missing-origin"
  /** The log dropped records that neither layer has. */
  | "trimmed"
  /** Progress lies beyond the end of the log: it was truncated, or re-created under the same log version. */
  | "truncated"
  /** The log says a lower log version than the generation's cut. */
  | "log-version"
  /** The current generation holds no table of this view. */
  | "not-built"
  /** The current generation's table was built from another definition of this view. */
  | "fingerprint-changed"
  /** The store could not be read. */
  | "store-unreachable"
  /** No worker has written anything of this partition yet. */
  | "unread"
  /** A worker said that it can no longer write these records. */
  | "worker-gap"
  /** Written so that a read may miss it (W + R <= RF). */
  | "not-overlapping";

/** Offsets `[from, until)` of one partition that an answer may lack; `until` is null where nobody knows. */
export interface MissingRange extends LogPartition {
  readonly from: number;
  readonly until: number | null;
  readonly reason: MissingReason;
}

/** Ranges with these reasons flag an answer; any other refuses it unless the caller takes incomplete answers. */
export const FLAGGED: ReadonlySet<MissingReason> = new Set<MissingReason>(["unread", "worker-gap", "not-overlapping"]);
