import { MillraceError } from "@millrace/core/errors";

/** A program that prepares or asks a server failed. Its last lines are in the message. */
export class ProgramError extends MillraceError {
  readonly code = "SERVER_PROGRAM";
  readonly retryable = false;

  constructor(doing: string, exitCode: number | null, lines: readonly string[]) {
    super(`${doing}: exit code ${exitCode}\n${lines.slice(-30).join("\n")}`);
  }
}
