import { MillraceError } from "@millrace/core/errors";

/** The server could not be reached, the connection broke, or what answers is no Millrace server. */
export class ConnectionError extends MillraceError {
  readonly code = "CONNECTION";
  readonly retryable = true;
}
