/** Levels of Cassandra's protocol that the adapter uses, with their numbers. */
export const CONSISTENCY_LEVELS = { ONE: 1, TWO: 2, THREE: 3, QUORUM: 4, ALL: 5, LOCAL_QUORUM: 6, LOCAL_ONE: 10 } as const;

/** A consistency level by its name. */
export type ConsistencyLevel = keyof typeof CONSISTENCY_LEVELS;

/**
 * How many replicas reads and writes ask.
 *
 * - `"exact"` (the default): every read overlaps every write. One replica: ONE and ONE. Two: writes TWO, reads ONE; while a node
 *   is away writes wait. Three and more: LOCAL_QUORUM both.
 * - `"available"`: ONE and ONE. Goes on while any replica is up; with more than one, answers are flagged `complete: false`.
 * - Levels of one's own; whether they overlap is computed.
 */
export type ConsistencyChoice = "exact" | "available" | { readonly read: ConsistencyLevel; readonly write: ConsistencyLevel };

/** Copies of each row. */
export interface Replication {
  /** In the data center of this process. */
  readonly local: number;
  readonly total: number;
}

/** Levels to use, and what they give. */
export interface ConsistencyRule {
  readonly read: ConsistencyLevel;
  readonly write: ConsistencyLevel;
  readonly replication: Replication;
  /** Whether every read meets a replica of every write (W + R > RF). */
  readonly overlapping: boolean;
}

export function consistencyRule(choice: ConsistencyChoice, replication: Replication): ConsistencyRule {
  const { read, write } = levelsOf(choice, replication);
  return { read, write, replication, overlapping: levelsOverlap(read, write, replication) };
}

function levelsOf(choice: ConsistencyChoice, { local, total }: Replication): { readonly read: ConsistencyLevel; readonly write: ConsistencyLevel } {
  // With several data centers a level without LOCAL_ would wait for far replicas.
  const one = local === total ? "ONE" : "LOCAL_ONE";
  if (choice === "available") return { read: one, write: one };
  if (choice !== "exact") return choice;
  if (local <= 1) return { read: one, write: one };
  if (local === 2) return { read: one, write: local === total ? "TWO" : "LOCAL_QUORUM" };
  return { read: "LOCAL_QUORUM", write: "LOCAL_QUORUM" };
}

/** Whether a read at one level meets a replica of every write at the other, W + R > RF. */
export function levelsOverlap(read: ConsistencyLevel, write: ConsistencyLevel, replication: Replication): boolean {
  const copies = read.startsWith("LOCAL_") && write.startsWith("LOCAL_") ? replication.local : replication.total;
  return replicasAsked(read, replication) + replicasAsked(write, replication) > copies;
}

function replicasAsked(level: ConsistencyLevel, { local, total }: Replication): number {
  switch (level) {
    case "ONE":
    case "LOCAL_ONE":
      return 1;
    case "TWO":
      return 2;
    case "THREE":
      return 3;
    case "QUORUM":
      return Math.floor(total / 2) + 1;
    case "LOCAL_QUORUM":
      return Math.floor(local / 2) + 1;
    case "ALL":
      return total;
  }
}

/** `{ class, replication_factor }` or `{ class, <data center>: copies }`, as Cassandra's schema tables hold it. */
export function replicationOf(options: Readonly<Record<string, string>>, localDataCenter: string): Replication {
  const copies = Object.entries(options).filter(([name]) => name !== "class");
  // "3/1" has one transient replica among three.
  const count = (text: string): number => Number.parseInt(text, 10) || 0;
  const total = copies.reduce((sum, [, text]) => sum + count(text), 0);
  const simple = copies.find(([name]) => name === "replication_factor");
  return { total, local: simple ? total : count(Object.fromEntries(copies)[localDataCenter] ?? "0") };
}
