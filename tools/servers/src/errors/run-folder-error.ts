import { MillraceError } from "@millrace/core/errors";

/** A run folder holds something else than what is asked for. */
export class RunFolderError extends MillraceError {
  readonly code = "RUN_FOLDER";
  readonly retryable = false;
  readonly runDir: string;

  constructor(runDir: string, why: string, options: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`using run folder "${runDir}": ${why}`, options);
    this.runDir = runDir;
  }
}
