import { MillraceError } from "@millrace/core/errors";

/** The files of a server could not be fetched. */
export class InstallError extends MillraceError {
  readonly code = "SERVER_INSTALL";
  readonly retryable = true;
  readonly server: string;

  constructor(server: string, why: string, options: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`installing "${server}": ${why}`, { advice: "what was fetched is kept: try again when Maven Central can be reached (a mirror is set in Maven's settings.xml)", ...options });
    this.server = server;
  }
}
