import { MillraceError } from "@millrace/core/errors";

/** The command cannot do what it is asked for; `advice` says what can be done. */
export class ClusterUsageError extends MillraceError {
  readonly code = "CLUSTER_USAGE";
  readonly retryable = false;
}

/** Ports of the cluster belong to somebody else. */
export class ClusterPortsError extends MillraceError {
  readonly code = "CLUSTER_PORTS";
  readonly retryable = true;
}

/** What is to be started needs more memory than there is. */
export class ClusterMemoryError extends MillraceError {
  readonly code = "CLUSTER_MEMORY";
  readonly retryable = true;
}
