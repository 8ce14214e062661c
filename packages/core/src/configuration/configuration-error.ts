import { MillraceError } from "../errors/millrace-error.js";

/** One mistake of a definition. */
export interface Problem {
  /** Where it lies in what the user wrote: `columns.userId`, `by[1]`, `measures.seconds`. */
  readonly path: string;
  readonly message: string;
}

/** A definition or a configuration that cannot be used. It tells every mistake at once. */
export class ConfigurationError extends MillraceError {
  readonly code = "CONFIGURATION";
  readonly retryable = false;
  readonly problems: readonly Problem[];

  /** `doing` says what was being done: `defining view "song_chart"`. */
  constructor(doing: string, problems: readonly Problem[]) {
    super(`${doing}:${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`);
    this.problems = problems;
  }
}
