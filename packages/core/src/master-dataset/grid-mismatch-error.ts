import { MillraceError } from "../errors/millrace-error.js";

/** A process would cut the log of a partition otherwise than it was cut when Millrace first read it. */
export class GridMismatchError extends MillraceError {
  readonly code = "GRID_MISMATCH";
  readonly retryable = false;
  readonly topic: string;
  readonly partition: number;

  constructor(topic: string, partition: number, field: string, recorded: number | null, given: number | null) {
    super(`opening partition ${partition} of "${topic}": its ${field} was recorded as ${recorded}, this process has ${given}`, {
      advice:
        field === "log version"
          ? "the topic was re-created or its log version was changed: read it under a new topic name, or with the recorded log version"
          : "the grid of a topic is chosen once: use the recorded value",
    });
    this.topic = topic;
    this.partition = partition;
  }
}
