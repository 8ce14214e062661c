import type { LogPartition } from "../log/position.js";
import { partitionName } from "../log/position.js";
import { MillraceError } from "../errors/millrace-error.js";

/** The manifests of a partition do not follow each other: the records between them are not accounted for. */
export class MissingManifestError extends MillraceError {
  readonly code = "MISSING_MANIFEST";
  readonly retryable = false;
  readonly partition: LogPartition;
  /** Offsets `[from, until)` that no manifest speaks of. */
  readonly from: number;
  readonly until: number;

  constructor(partition: LogPartition, from: number, until: number) {
    super(`reading the manifests of "${partitionName(partition)}": none covers the offsets ${from} to ${until}`, {
      advice: "a manifest was removed or is not visible yet: restore the file, nothing is computed over the hole",
    });
    this.partition = { topic: partition.topic, logVersion: partition.logVersion, partition: partition.partition };
    this.from = from;
    this.until = until;
  }
}
