import { MillraceError, type Problem } from "@millrace/core";

/** What the server itself refuses, with the status that it answers. */
const REFUSALS = {
  BAD_REQUEST: { status: 400, retryable: false },
  UNAUTHORIZED: { status: 401, retryable: false },
  FORBIDDEN_HOST: { status: 421, retryable: false },
  UNKNOWN_VIEW: { status: 404, retryable: false },
  UNKNOWN_QUESTION: { status: 404, retryable: false },
  UNKNOWN_TOPIC: { status: 404, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  BODY_TOO_LARGE: { status: 413, retryable: false },
  MEDIA_TYPE: { status: 415, retryable: false },
  TOO_MANY_REQUESTS: { status: 429, retryable: true },
  TOO_MANY_WATCHES: { status: 429, retryable: true },
  DEADLINE: { status: 504, retryable: true },
} as const;

/** Why a request is refused. */
export type HttpErrorCode = keyof typeof REFUSALS;

/** A request that is refused before, or besides, the query that it asks. */
export class HttpError extends MillraceError {
  readonly code: HttpErrorCode;
  readonly retryable: boolean;
  readonly status: number;
  readonly problems: readonly Problem[] | undefined;
  /** After how many seconds to try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: HttpErrorCode, message: string, more: { readonly advice?: string; readonly problems?: readonly Problem[]; readonly retryAfterSeconds?: number; readonly cause?: unknown } = {}) {
    super(message, more);
    this.code = code;
    ({ status: this.status, retryable: this.retryable } = REFUSALS[code]);
    this.problems = more.problems;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}
