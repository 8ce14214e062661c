/** What the histories run on. */
export interface Variant {
  readonly name: string;
  /** One a partition. `create`: producers stamp, so only offsets cut the grid. */
  readonly timestamps: readonly ("append" | "create")[];
  /** RF, W and R of the store. */
  readonly replicas: number;
  readonly writtenReplicas: number;
  readonly readReplicas: number;
}

const one = { replicas: 1, writtenReplicas: 1, readReplicas: 1 };

export const VARIANTS: readonly Variant[] = [
  { name: "broker clock", timestamps: ["append", "append"], ...one },
  { name: "one partition without broker clock", timestamps: ["append", "create"], ...one },
  { name: "two replicas, both written, one read", timestamps: ["append", "append"], replicas: 2, writtenReplicas: 2, readReplicas: 1 },
  { name: "three replicas, two written, two read", timestamps: ["append", "append"], replicas: 3, writtenReplicas: 2, readReplicas: 2 },
];

/** Reads may miss writes here: every answer that used the speed layer must say that it is not complete. */
export const NOT_OVERLAPPING: Variant = {
  name: "three replicas, one written, one read",
  timestamps: ["append", "append"],
  replicas: 3,
  writtenReplicas: 1,
  readReplicas: 1,
};

export const overlaps = ({ replicas, writtenReplicas, readReplicas }: Variant): boolean => writtenReplicas + readReplicas > replicas;
