import { MillraceError, partitionName } from "@millrace/core";
import type { LogPartition } from "@millrace/core";

/** The log gives an earlier incarnation of a topic than the one that was published. */
export class StaleLogVersionError extends MillraceError {
  readonly code = "STALE_LOG_VERSION";
  readonly retryable = false;
  readonly partition: LogPartition;

  constructor(partition: LogPartition, published: number) {
    super(`reading "${partitionName(partition)}": the current generation was made of log version ${published}`, {
      advice: "raise the topic's log version to the published one, or higher when it was re-created since",
    });
    this.partition = { topic: partition.topic, logVersion: partition.logVersion, partition: partition.partition };
  }
}
