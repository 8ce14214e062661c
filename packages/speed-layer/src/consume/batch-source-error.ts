import { MillraceError } from "@millrace/core";
import type { EventBatch } from "@millrace/core";

/** A terminal operator was given a batch whose records it cannot account for. */
export class BatchSourceError extends MillraceError {
  readonly code = "BATCH_SOURCE";
  readonly retryable = false;
  readonly topic: string;
  readonly partition: number;

  constructor(operator: string, { topic, partition, from, until }: EventBatch<unknown>, reason: string) {
    super(`taking batch [${from}, ${until}) of "${topic}" partition ${partition} into "${operator}": ${reason}`);
    this.topic = topic;
    this.partition = partition;
  }
}
