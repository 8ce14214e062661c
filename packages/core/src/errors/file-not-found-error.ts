import { MillraceError } from "./millrace-error.js";

/** A file that was asked for by its path is not there. */
export class FileNotFoundError extends MillraceError {
  readonly code = "FILE_NOT_FOUND";
  readonly retryable = false;
  readonly path: string;

  constructor(path: string, options: { readonly cause?: unknown } = {}) {
    super(`reading "${path}": there is no such file`, options);
    this.path = path;
  }
}
