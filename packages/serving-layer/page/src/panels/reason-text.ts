import type { UnservableReason } from "../../../src/chain/unservable-error.js";

const TEXTS: Readonly<Record<UnservableReason, string>> = {
  "broken-chain": "a segment of the speed layer is not there yet",
  expired: "the speed layer no longer keeps these records and no generation holds them",
  "missing-origin": "the record of where a partition began is gone",
  trimmed: "the log dropped records that neither layer has",
  truncated: "the log lost records",
  "log-version": "the topic's log version went back",
  "not-built": "the batch layer has not built this view yet",
  "fingerprint-changed": "the view was declared anew and is not rebuilt yet",
  "store-unreachable": "the speed layer's store cannot be read",
  unread: "no worker has read these records yet",
  "worker-gap": "a worker could not read these records",
  "not-overlapping": "a read may miss what was written",
  "row-beyond-segment": "rows contradict their segment",
};

/** A reason in words; one that this page does not know as it is. */
export const reasonText = (reason: string): string => (TEXTS as Readonly<Record<string, string>>)[reason] ?? reason;
