import { RoleTakenError, type Role, type RoleLock } from "@millrace/core";
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * A role is held by the file `<dir>/<role>.lock` with the holder's process id and a word of its own in it. It is created
 * whole and at once (write, then link), so that two processes never both think they created it. The lock of a process
 * that has died is removed by the one rival that could create `<role>.lock-<id>-<word>`: another one, that looked
 * earlier, would remove the lock of who came first.
 */
export function pidRoleLock(dir: string): RoleLock {
  return {
    acquire(role: Role) {
      mkdirSync(dir, { recursive: true });
      const lock = path.join(dir, `${role}.lock`);
      const word = randomUUID();
      const own = path.join(dir, `_tmp-${role}-${word}`);
      const mine = `${process.pid} ${word}\n`;
      writeFileSync(own, mine);
      try {
        for (;;) {
          if (created(own, lock)) {
            return Promise.resolve(() => {
              if (contentOf(lock) === mine) rmSync(lock, { force: true });
              return Promise.resolve();
            });
          }
          const theirs = contentOf(lock);
          if (theirs === undefined) continue;
          const holder = Number.parseInt(theirs, 10);
          if (isAlive(holder)) return Promise.reject(new RoleTakenError(role, `process ${holder} has it (lock file "${lock}")`));
          bury(lock, theirs, own);
        }
      } finally {
        rmSync(own, { force: true });
      }
    },
  };
}

/** Removes the lock of a dead process, unless a rival does. */
function bury(lock: string, theirs: string, own: string): void {
  const grave = `${lock}-${theirs.trim().replace(" ", "-")}`;
  if (!created(own, grave)) {
    // Its maker is about to finish, or died over it.
    const digger = contentOf(grave);
    if (digger !== undefined && !isAlive(Number.parseInt(digger, 10))) rmSync(grave, { force: true });
    return;
  }
  if (contentOf(lock) === theirs) rmSync(lock, { force: true });
  rmSync(grave, { force: true });
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

/** Undefined when the file has just been removed. */
function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
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
