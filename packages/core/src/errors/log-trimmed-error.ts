import { MillraceError } from "./millrace-error.js";

/** Records that are needed are no longer in the log. */
export class LogTrimmedError extends MillraceError {
  readonly code = "LOG_TRIMMED";
  readonly retryable = false;
  readonly topic: string;
  readonly partition: number;
  /** The first offset wanted. */
  readonly from: number;
  /** The first offset still there. */
  readonly start: number;

  constructor(topic: string, partition: number, from: number, start: number) {
    super(`reading topic "${topic}" partition ${partition} from offset ${from}: the log starts at ${start}, records [${from}, ${start}) are gone`, {
      advice: "records left the log before they were read; keep the log longer than the batch period and the longest outage",
    });
    this.topic = topic;
    this.partition = partition;
    this.from = from;
    this.start = start;
  }
}
