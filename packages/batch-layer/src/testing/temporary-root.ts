import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A new folder, in memory where the machine has such a place: tests wait for no disk to sync. */
export function temporaryRoot(name: string): string {
  return mkdtempSync(path.join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `millrace-${name}-`));
}
