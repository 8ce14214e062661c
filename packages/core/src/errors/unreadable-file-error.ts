import { MillraceError } from "./millrace-error.js";

/** A file that Millrace wrote is torn, or was changed by others: it is never taken for an absent one. */
export class UnreadableFileError extends MillraceError {
  readonly code = "UNREADABLE_FILE";
  readonly retryable = false;
  readonly path: string;

  constructor(path: string, problem: string, options: { readonly cause?: unknown } = {}) {
    super(`reading "${path}": ${problem}`, { ...options, advice: "the file is written once, whole, and never edited: restore it from a backup" });
    this.path = path;
  }
}
