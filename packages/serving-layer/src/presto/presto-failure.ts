import type { PrestoFailure } from "./presto-protocol.js";

/** What is over when the cluster has room, has its nodes back, or reaches its stores again. */
const PASSING = new Set([
  ...["NO_NODES_AVAILABLE", "SERVER_STARTING_UP", "SERVER_SHUTTING_DOWN", "ABANDONED_QUERY", "ABANDONED_TASK"],
  ...["QUERY_QUEUE_FULL", "CLUSTER_OUT_OF_MEMORY", "EXCEEDED_CLUSTER_MEMORY_LIMIT"],
  ...["PAGE_TRANSPORT_ERROR", "PAGE_TRANSPORT_TIMEOUT", "REMOTE_HOST_GONE", "REMOTE_TASK_ERROR", "REMOTE_TASK_MISMATCH", "TOO_MANY_REQUESTS_FAILED"],
  ...["HIVE_METASTORE_ERROR", "HIVE_CANNOT_OPEN_SPLIT", "HIVE_FILESYSTEM_ERROR", "CASSANDRA_METADATA_ERROR", "NO_HOST_AVAILABLE"],
]);

/** What the server says in the first second, before it knows itself as a node; it has no name of its own. */
const STARTING = /sortedCandidates is null or empty|No nodes available|Presto server is still initializing|server is still initializing/i;

/** What stands for a failure in an error, and whether the same statement may run later. */
export function describePrestoFailure({ message, errorName }: PrestoFailure): { readonly message: string; readonly retryable: boolean } {
  const sentence = message.split(/\n\s*at /)[0]!.replace(/^(?:[\w$]+\.)+[\w$]*(?:Exception|Error): /, "").trim();
  return { message: errorName === undefined ? sentence : `${errorName}: ${sentence}`, retryable: (errorName !== undefined && PASSING.has(errorName)) || STARTING.test(message) };
}
