import { MillraceError } from "./millrace-error.js";

/** A file system refused an operation. */
export class FileSystemError extends MillraceError {
  readonly code = "FILE_SYSTEM";
  readonly retryable: boolean;
  readonly path: string;
  /** The system's own code, where there is one: `ENOSPC`, `EACCES`. */
  readonly systemCode: string | undefined;

  constructor(
    doing: string,
    info: { readonly path: string; readonly retryable: boolean; readonly systemCode?: string; readonly advice?: string; readonly cause?: unknown },
  ) {
    super(info.systemCode === undefined ? doing : `${doing}: ${info.systemCode}`, {
      cause: info.cause,
      ...(info.advice === undefined ? {} : { advice: info.advice }),
    });
    this.path = info.path;
    this.retryable = info.retryable;
    this.systemCode = info.systemCode;
  }
}
