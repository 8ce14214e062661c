import { MillraceError } from "@millrace/core";

/** A call of the user's own failed. */
export class CallFailedError extends MillraceError {
  readonly code = "CALL_FAILED";
  readonly retryable: boolean;

  constructor(operation: string, cause: unknown, retryable: boolean) {
    super(`${operation}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.retryable = retryable;
  }
}
