import { MillraceError, type Problem } from "@millrace/core";

/** A question that is not there, or cannot be asked so. It tells every mistake at once. */
export class QuestionError extends MillraceError {
  readonly code = "QUESTION";
  readonly retryable = false;
  readonly question: string;
  readonly problems: readonly Problem[];

  constructor(question: string, problems: readonly Problem[]) {
    super(`asking question "${question}":${problems.map(({ path, message }) => `\n  ${path}: ${message}`).join("")}`);
    this.question = question;
    this.problems = problems;
  }
}
