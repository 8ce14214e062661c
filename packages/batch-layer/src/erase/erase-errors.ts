import { MillraceError } from "@millrace/core";

/** The erasure is recorded and certain, but no generation has applied it yet. */
export class ErasureNotAppliedError extends MillraceError {
  readonly code = "ERASURE_NOT_APPLIED";
  readonly retryable = true;

  constructor(topics: readonly string[], cause: unknown) {
    super(`applying an erasure to ${topics.map((topic) => `"${topic}"`).join(", ")}: the batch run failed`, {
      cause,
      advice: "the erasure is recorded: the next batch run applies it. Until then answers are as they were",
    });
  }
}

/** A run that may still read or write files with erased records is at work. */
export class RunAtWorkError extends MillraceError {
  readonly code = "RUN_AT_WORK";
  readonly retryable = true;

  constructor(run: string) {
    super(`removing what holds erased records: run ${run} is at work`, { advice: "repeat it once the run has ended" });
  }
}
