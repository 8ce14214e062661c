import { MillraceError } from "./millrace-error.js";

/** A record that no log can take: its partition does not exist, or it is larger than the log's limit. */
export class InvalidRecordError extends MillraceError {
  readonly code = "INVALID_RECORD";
  readonly retryable = false;

  constructor(topic: string, index: number, why: string) {
    super(`appending record ${index} to topic "${topic}": ${why}`);
  }
}
