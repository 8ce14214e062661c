import { MillraceError } from "@millrace/core";

/** A port did something else than it promises. */
export class BrokenPromiseError extends MillraceError {
  readonly code = "BROKEN_PROMISE";
  readonly retryable = false;

  constructor(found: string, advice: string) {
    super(found, { advice });
  }
}
