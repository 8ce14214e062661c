import { MillraceError, partitionName } from "@millrace/core";
import type { LogPartition } from "@millrace/core";

/** Records that the speed layer can no longer write: they are left to the batch layer. */
export class SpeedGapError extends MillraceError {
  readonly code = "SPEED_GAP";
  readonly retryable = false;
  readonly partition: LogPartition;
  /** Offsets `[from, until)`; null: nobody knows how far. */
  readonly from: number;
  readonly until: number | null;
  readonly reason: string;

  constructor(partition: LogPartition, gap: { readonly from: number; readonly until: number | null; readonly reason: string; readonly cause?: unknown }) {
    super(`writing the views of "${partitionName(partition)}" from offset ${gap.from}: ${gap.reason}`, {
      cause: gap.cause,
      advice: "ingest and publish these records first: the speed layer goes on from the new cut by itself",
    });
    this.partition = { topic: partition.topic, logVersion: partition.logVersion, partition: partition.partition };
    this.from = gap.from;
    this.until = gap.until;
    this.reason = gap.reason;
  }
}
