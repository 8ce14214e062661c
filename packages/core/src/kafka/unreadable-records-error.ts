import { MillraceError } from "../errors/millrace-error.js";

/** Stored records that this adapter cannot read: an old format, or a codec that is not installed. */
export class UnreadableRecordsError extends MillraceError {
  readonly code = "UNREADABLE_RECORDS";
  readonly retryable = false;

  constructor(why: string, info: { readonly cause?: unknown; readonly advice?: string } = {}) {
    super(`decoding records of a topic: ${why}`, info);
  }
}
