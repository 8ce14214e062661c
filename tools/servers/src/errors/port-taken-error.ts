import { MillraceError } from "@millrace/core/errors";

/** A port that a server wants belongs to somebody else. */
export class PortTakenError extends MillraceError {
  readonly code = "PORT_TAKEN";
  readonly retryable = true;
  readonly port: number;

  constructor(port: number, why: string, options: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`taking port ${port}: ${why}`, { advice: "choose another port, or none to get a free one", ...options });
    this.port = port;
  }
}
