import { MillraceError, partitionName, type LogPartition } from "@millrace/core";

/** What this process reads of a segment is not what was committed or fixed for it: the log or the declaration changed. */
export class SegmentConflictError extends MillraceError {
  readonly code = "SEGMENT_CONFLICT";
  readonly retryable = false;
  readonly first: number;

  constructor(partition: LogPartition, first: number, problem: string) {
    super(`ingesting segment ${first} of "${partitionName(partition)}": ${problem}`, {
      advice: "the log was changed, or two processes with different declarations ingest it: stop one of them and compare",
    });
    this.first = first;
  }
}
