/**
 * Base of every error Millrace throws: a stable `code`, whether repeating the same call can help, and the cause.
 *
 * The message says what was being done, in lower case, names quoted; `advice` says what a person can do next.
 */
export abstract class MillraceError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;
  /** What to do next, for a person; absent where the message already says it. */
  readonly advice: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.advice = options.advice;
  }
}
