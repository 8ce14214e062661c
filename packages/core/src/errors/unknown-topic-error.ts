import { MillraceError } from "./millrace-error.js";

/** There is no such topic, or it has no such partition. */
export class UnknownTopicError extends MillraceError {
  readonly code = "UNKNOWN_TOPIC";
  readonly retryable = false;
  readonly topic: string;
  /** The partition asked for, when the topic is there and the partition is not. */
  readonly partition: number | undefined;

  constructor(log: string, topic: string, partition?: number) {
    super(`looking up ${partition === undefined ? "" : `partition ${partition} of `}topic "${topic}" in log "${log}": not there`, {
      advice: partition === undefined ? "create the topic, or correct its name in the stream's definition" : "create the topic with more partitions",
    });
    this.topic = topic;
    this.partition = partition;
  }
}
