/** Which partitions this process works on. */
export interface Ownership {
  owns(topic: string, partition: number): boolean;
  /** Raised with every change: whoever looked at one version has nothing to look at until there is another. */
  readonly version: number;
  /** Calls back after every change; returns the way out. */
  onChange(callback: () => void): () => void;
  /** Resolves once it is known what this process owns. */
  known(signal: AbortSignal): Promise<void>;
}

/** A process that works alone owns every partition. */
export const ownsAll: Ownership = {
  owns: () => true,
  version: 0,
  onChange: () => () => undefined,
  known: () => Promise.resolve(),
};
