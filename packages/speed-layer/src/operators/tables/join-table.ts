/** What {@link join} looks values up in. `lookupTable` and `changelogTable` make one; so does any object of this shape. */
export interface JoinTable<K, V extends {}> {
  readonly name: string;
  /** What the table knows now, without waiting: a value, null where there is none; undefined must be looked up. */
  readonly snapshot: () => (key: K) => V | null | undefined;
  /** Looks up keys that a snapshot did not know, each once. What the result has not, does not exist. */
  readonly lookUp: (keys: readonly K[], signal: AbortSignal) => Promise<ReadonlyMap<K, V>>;
}
