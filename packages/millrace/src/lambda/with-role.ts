import type { Platform, Role } from "@millrace/core";

/** Runs `job` while holding a role, where the platform has roles. */
export async function withRole<T>(platform: Pick<Platform, "roles">, role: Role, job: () => Promise<T>): Promise<T> {
  const release = await platform.roles?.acquire(role);
  try {
    return await job();
  } finally {
    await release?.();
  }
}
