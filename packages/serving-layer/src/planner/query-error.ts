import { MillraceError, type Problem } from "@millrace/core";

/** A query that cannot be asked of its view. It tells every mistake at once. */
export class QueryError extends MillraceError {
  readonly code = "QUERY";
  readonly retryable = false;
  readonly view: string;
  readonly problems: readonly Problem[];

  constructor(view: string, problems: readonly Problem[], options: { readonly cause?: unknown } = {}) {
    super(`asking view "${view}":${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`, options);
    this.view = view;
    this.problems = problems;
  }
}
