import { MillraceError } from "@millrace/core";

/** A view that the lambda does not serve. */
export class UnknownViewError extends MillraceError {
  readonly code = "UNKNOWN_VIEW";
  readonly retryable = false;

  constructor(name: string, known: readonly string[]) {
    super(`looking for the view "${name}": this lambda has ${known.length === 0 ? "none" : known.map((view) => `"${view}"`).join(", ")}`);
  }
}
