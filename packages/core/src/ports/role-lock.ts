/** What a process does on a platform that allows it once. */
export type Role = "ingest" | "speed" | "batch";

/** Keeps two processes out of one role where the platform is one machine. Released by the system when a process dies. */
export interface RoleLock {
  /**
   * Resolves with the release.
   *
   * @throws {RoleTakenError} when a living process has the role.
   */
  acquire(role: Role): Promise<() => Promise<void>>;
}
