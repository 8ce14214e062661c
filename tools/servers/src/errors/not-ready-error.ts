import { MillraceError } from "@millrace/core/errors";

/** A server died while it started, or did not answer in time. The end of its log is in the message. */
export class NotReadyError extends MillraceError {
  readonly code = "SERVER_NOT_READY";
  readonly retryable = true;
  readonly node: string;

  constructor(node: string, why: string, logTail: string, options: { readonly cause?: unknown } = {}) {
    super(`starting "${node}": ${why}${logTail === "" ? "" : `\n${logTail}`}`, options);
    this.node = node;
  }
}
