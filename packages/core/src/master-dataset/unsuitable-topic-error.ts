import { MillraceError } from "../errors/millrace-error.js";

/** A topic is set up so that records would be lost before they are in the master dataset. */
export class UnsuitableTopicError extends MillraceError {
  readonly code = "UNSUITABLE_TOPIC";
  readonly retryable = false;
  readonly topic: string;

  constructor(topic: string, problem: string, advice: string) {
    super(`opening topic "${topic}": ${problem}`, { advice });
    this.topic = topic;
  }
}
