/**
 * What a process does on a platform that allows it once. Speed layers of different views may run side by side, while one
 * set of declarations replaces another: each has the role `speed-<fingerprint of its views>`. `outputs` is delivering rows.
 */
export type Role = "ingest" | "speed" | `speed-${string}` | "batch" | "outputs";

/** Keeps two processes out of one role where the platform is one machine. Released by the system when a process dies. */
export interface RoleLock {
  /**
   * Resolves with the release.
   *
   * @throws {RoleTakenError} when a living process has the role.
   */
  acquire(role: Role): Promise<() => Promise<void>>;
}
