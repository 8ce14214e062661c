import { MillraceError } from "./millrace-error.js";

/** A store on this machine failed; nothing of what was to be written is visible. */
export class StorageError extends MillraceError {
  readonly code = "STORAGE";
  readonly retryable = false;
  readonly path: string;

  constructor(doing: string, path: string, info: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`${doing} in "${path}"`, info);
    this.path = path;
  }
}
