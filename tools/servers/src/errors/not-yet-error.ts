import { MillraceError } from "@millrace/core/errors";

/** A server answers, but not yet as it will: the reason to ask again. */
export class NotYetError extends MillraceError {
  readonly code = "SERVER_NOT_YET";
  readonly retryable = true;
}
