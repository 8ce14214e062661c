import { MillraceError } from "@millrace/core/errors";

/** A program that servers need is not on this machine. */
export class MissingToolError extends MillraceError {
  readonly code = "MISSING_TOOL";
  readonly retryable = false;
  readonly tool: string;

  constructor(tool: string, doing: string, options: { readonly advice: string; readonly cause?: unknown }) {
    super(`${doing}: "${tool}" is not there`, options);
    this.tool = tool;
  }
}
