import { MillraceError } from "@millrace/core";

/** One speed layer was told to run twice at once. */
export class AlreadyRunningError extends MillraceError {
  readonly code = "ALREADY_RUNNING";
  readonly retryable = false;

  constructor() {
    super("running the speed layer: it runs already");
  }
}
