import { MillraceError } from "./millrace-error.js";

/**
 * Something outside Millrace that an extension needs is away for now: a schema registry, a lookup service. The same call
 * may succeed later, so it is repeated with growing pauses.
 *
 * @example
 * throw new UnavailableError("asking the schema registry for schema 7", "it answered 503", { cause });
 */
export class UnavailableError extends MillraceError {
  readonly code = "UNAVAILABLE";
  readonly retryable = true;

  /** `doing` is what was attempted, in lower case; `why` what happened. */
  constructor(doing: string, why: string, info: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`${doing}: ${why}`, info);
  }
}
