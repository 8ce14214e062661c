import { MillraceError } from "./millrace-error.js";

/** A position lies beyond the end of its partition, or belongs to an earlier incarnation of the topic. */
export class OffsetBeyondEndError extends MillraceError {
  readonly code = "OFFSET_BEYOND_END";
  readonly retryable = false;
  readonly topic: string;
  readonly partition: number;
  /** The first offset wanted. */
  readonly from: number;
  /** Offset after the last record. */
  readonly end: number;

  constructor(topic: string, partition: number, from: number, end: number) {
    super(`reading topic "${topic}" partition ${partition} from offset ${from}: the log ends at ${end}, so it was truncated or re-created`, {
      advice: "raise the topic's log version when it was re-created; restore it when it was truncated by mistake",
    });
    this.topic = topic;
    this.partition = partition;
    this.from = from;
    this.end = end;
  }
}
