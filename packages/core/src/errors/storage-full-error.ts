import { MillraceError } from "./millrace-error.js";

/** A store has no room for what was to be written; nothing of it was. Retryable: space may be freed. */
export class StorageFullError extends MillraceError {
  readonly code = "STORAGE_FULL";
  readonly retryable = true;
  readonly path: string;

  constructor(doing: string, path: string, cause: unknown) {
    super(`${doing} in "${path}": no space left`, { cause, advice: "free space on the disk, or keep records for a shorter time" });
    this.path = path;
  }
}
