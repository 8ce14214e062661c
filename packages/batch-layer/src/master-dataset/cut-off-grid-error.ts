import { MillraceError, partitionName, type LogPartition } from "@millrace/core";

/** A cut lies within a committed segment: files cannot be told apart there. */
export class CutOffGridError extends MillraceError {
  readonly code = "CUT_OFF_GRID";
  readonly retryable = false;

  constructor(partition: LogPartition, offset: number, first: number, until: number) {
    super(`reading the master dataset below a cut: offset ${offset} of "${partitionName(partition)}" lies within the segment [${first}, ${until})`, {
      advice: "a cut is made of segment ends: the generation or the recorded cut was written by something else",
    });
  }
}
