import type { MillraceError, Problem } from "@millrace/core";
import { STATUS_CODES } from "node:http";
import type { MissingRange } from "../chain/missing-range.js";
import { HttpError } from "./http-error.js";

/** An error as HTTP tells it: RFC 9457, with what Millrace's errors know besides. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The error's message: what was being done and what is wrong. */
  readonly detail: string;
  /** The error's stable code. `INTERNAL` for what is not told. */
  readonly code: string;
  readonly retryable: boolean;
  /** What a person can do next. */
  readonly advice?: string;
  /** Every mistake of a query or a request. */
  readonly problems?: readonly Problem[];
  /** Of `UNSERVABLE`: why, and which records are not covered. */
  readonly reason?: string;
  readonly ranges?: readonly MissingRange[];
}

/** Statuses of errors that are not the server's own. What is not here and not retryable is a fault of the server. */
const STATUS_OF: Readonly<Record<string, number>> = {
  QUERY: 400,
  QUESTION: 400,
  // Of a question over the warehouse: nothing was published yet, or not with this table.
  TABLE_NOT_BUILT: 503,
  ROW_LIMIT: 400,
  // The rows hold a number that cannot be given exactly in the type it is declared with.
  OVERFLOW: 409,
  PRECISION: 409,
  // Of a view that is served: nobody has created its topic yet.
  UNKNOWN_TOPIC: 503,
  CLOSED: 503,
};

/**
 * Whether an error is one of Millrace's, whose texts hold no secret. Told by its shape: a lambda that was loaded as
 * CommonJS throws errors of another copy of the class than this module knows.
 */
export const isMillraceError = (error: unknown): error is MillraceError =>
  error instanceof Error && typeof (error as Partial<MillraceError>).code === "string" && typeof (error as Partial<MillraceError>).retryable === "boolean";

/** Never tells what an unknown error says. */
export function problemOf(error: unknown): ProblemDocument {
  const known = isMillraceError(error) ? error : undefined;
  const { advice, problems, reason, ranges } = (known ?? {}) as { readonly advice?: string } & Pick<ProblemDocument, "problems" | "reason" | "ranges">;
  const code = known?.code ?? "INTERNAL";
  const status = known === undefined ? 500 : statusOf(known);
  return {
    type: `urn:millrace:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: known === undefined ? "the server failed; its log says why" : known.message,
    code,
    retryable: known?.retryable ?? false,
    ...(advice === undefined ? {} : { advice }),
    ...(problems === undefined ? {} : { problems }),
    ...(code === "UNSERVABLE" ? { reason, ranges } : {}),
  } as ProblemDocument;
}

function statusOf(error: MillraceError): number {
  if (error instanceof HttpError) return error.status;
  if (error.code === "UNSERVABLE") return error.retryable ? 503 : 409;
  return STATUS_OF[error.code] ?? (error.retryable ? 503 : 500);
}
