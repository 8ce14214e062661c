import { MillraceError } from "./millrace-error.js";

/** A port was used after its `close`. */
export class ClosedError extends MillraceError {
  readonly code = "CLOSED";
  readonly retryable = false;

  constructor(name: string, doing: string) {
    super(`${doing} "${name}": it is closed`);
  }
}
