import { MillraceError } from "@millrace/core/errors";
import type { ProblemDocument } from "../http/problem-document.js";

/**
 * What a server refused, with the code that the same call throws in the server's process: `QUERY` (see `problem.problems`),
 * `UNSERVABLE` (see `problem.reason` and `problem.ranges`), `ROW_LIMIT`, and those of HTTP: `UNKNOWN_VIEW`, `UNAUTHORIZED`,
 * `DEADLINE`, `TOO_MANY_REQUESTS` and others.
 */
export class RemoteError extends MillraceError {
  readonly code: string;
  readonly retryable: boolean;
  /** HTTP status. */
  readonly status: number;
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.detail, problem.advice === undefined ? {} : { advice: problem.advice });
    this.code = problem.code;
    this.retryable = problem.retryable;
    this.status = problem.status;
    this.problem = problem;
  }
}
