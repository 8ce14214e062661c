import { RoleTakenError } from "../errors/role-taken-error.js";
import type { Role, RoleLock } from "../ports/role-lock.js";

/** Roles in memory: for lambdas that share one process. A holder never dies, so its release is the only way out. */
export function memoryRoleLock(): RoleLock {
  const held = new Set<Role>();
  return {
    acquire(role) {
      if (held.has(role)) return Promise.reject(new RoleTakenError(role, "another lambda of this process has it"));
      held.add(role);
      let released = false;
      return Promise.resolve(() => {
        // Called again, it must not take the role from its next holder.
        if (!released) held.delete(role);
        released = true;
        return Promise.resolve();
      });
    },
  };
}
