/**
 * One partition of one incarnation of a topic. `logVersion` is raised when a topic is re-created; it starts at
 * {@link FIRST_LOG_VERSION}.
 */
export interface LogPartition {
  readonly topic: string;
  readonly logVersion: number;
  readonly partition: number;
}

/**
 * The first version of every log: `1,024 * 2^44` microseconds since 1970 lies far beyond any wall clock, so that an
 * operator's statement with a wall-clock timestamp loses against ours.
 */
export const FIRST_LOG_VERSION = 1_024;

/** Offsets stay below this bound, so that `logVersion * 2^44 + offset + 1` is unique. Offsets are plain numbers. */
export const OFFSET_LIMIT = 2 ** 44;

/** The write timestamp of a row whose last event is at `version - 1`: a function of the log, never of a clock. */
export function writeTimestamp(logVersion: number, version: number): bigint {
  return (BigInt(logVersion) << 44n) + BigInt(version);
}

/** `listen_events/v1024-p3`: the name of a partition in files, messages and keys. */
export function partitionName({ topic, logVersion, partition }: LogPartition): string {
  return `${topic}/v${logVersion}-p${partition}`;
}
