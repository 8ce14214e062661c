import { RoleTakenError, type Role, type RoleLock } from "@millrace/core";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * A role is held by the file `<dir>/<role>.lock` with the holder's process id in it. It is created whole and at once
 * (write, then link), so that two processes never both think they created it; the lock of a process that has died is
 * set aside by a rename, which only one of its rivals can win.
 */
export function pidRoleLock(dir: string): RoleLock {
  let attempts = 0;
  return {
    acquire(role: Role) {
      mkdirSync(dir, { recursive: true });
      const lock = path.join(dir, `${role}.lock`);
      const own = path.join(dir, `_tmp-${role}-${process.pid}-${attempts++}`);
      writeFileSync(own, `${process.pid}\n`);
      try {
        for (;;) {
          if (created(own, lock)) return Promise.resolve(() => Promise.resolve(rmSync(lock, { force: true })));
          const holder = holderOf(lock);
          if (holder === undefined) continue;
          if (holder !== process.pid && !isAlive(holder)) {
            setAside(lock, `${own}-dead`);
            continue;
          }
          return Promise.reject(new RoleTakenError(role, `process ${holder} has it (lock file "${lock}")`));
        }
      } finally {
        rmSync(own, { force: true });
      }
    },
  };
}

function created(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when the lock has just been released. */
function holderOf(lock: string): number | undefined {
  try {
    return Number(readFileSync(lock, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function setAside(lock: string, grave: string): void {
  try {
    renameSync(lock, grave);
    rmSync(grave, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
