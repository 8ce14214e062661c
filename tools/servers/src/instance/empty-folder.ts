import { mkdirSync, rmSync } from "node:fs";

/** An empty folder in the place of what a process left there that was killed. */
export function emptyFolder(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
