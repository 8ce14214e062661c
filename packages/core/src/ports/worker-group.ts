/** A partition of a topic, whatever its incarnation. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What to share, and with whom. */
export interface JoinRequest {
  /** Members that name the same group share the partitions: `speed-1f3a90c2`. */
  readonly group: string;
  /** The topics to share: a partition goes to a member that named its topic, so members may differ while one version of a program replaces another. */
  readonly topics: readonly string[];
}

/**
 * Shares the partitions of topics among the processes of a group. It is not trusted with exactness: what workers write is
 * a function of the log, so two that own a partition for a while, or one that was thought dead, change no answer. A
 * partition without an owner is not kept fresh, and answers say so.
 */
export interface WorkerGroup {
  readonly name: string;
  /**
   * Joins, and yields all the partitions that this member owns: once the group has decided, and again after each change,
   * also when nothing is left to it. Partitions added to the topics are shared within a minute. A loss of the group's
   * servers is waited out: the member goes on with what it owns. Aborting the signal, or ending the iteration, leaves.
   */
  join(request: JoinRequest, signal: AbortSignal): AsyncIterable<readonly TopicPartition[]>;
  /** Leaves every group. Safe to call twice. */
  close(): Promise<void>;
}
