import { MillraceError } from "@millrace/core/errors";

/** No server and no node of a server has this name. */
export class UnknownNodeError extends MillraceError {
  readonly code = "UNKNOWN_NODE";
  readonly retryable = false;

  constructor(name: string, known: readonly string[]) {
    super(`looking for the node "${name}": ${known.length === 0 ? "nothing was started here" : `there are ${known.join(", ")}`}`, { advice: "npm run servers -- status" });
  }
}
