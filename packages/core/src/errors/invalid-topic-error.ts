import { MillraceError } from "./millrace-error.js";

/** A topic that cannot be: names go into keys and file paths, partitions are counted from 1. */
export class InvalidTopicError extends MillraceError {
  readonly code = "INVALID_TOPIC";
  readonly retryable = false;

  constructor(topic: string, why: string) {
    super(`creating topic "${topic}": ${why}`);
  }
}

/**
 * Kafka's rule for names: 1 to 249 of `a-z A-Z 0-9 . _ -`, not `.` or `..`; and at least one partition.
 *
 * @throws {InvalidTopicError}
 */
export function checkTopic(topic: string, partitions: number): void {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || topic === "." || topic === "..") {
    throw new InvalidTopicError(topic, `a name is 1 to 249 of the characters a-z A-Z 0-9 . _ -`);
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > 10_000) {
    throw new InvalidTopicError(topic, `it needs 1 to 10,000 partitions, not ${partitions}`);
  }
}
