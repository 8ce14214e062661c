import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The last lines of a file; none when it is not there. Reads no more than its last 256 KiB. */
export function logTail(file: string, lines: number): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - 256 * 1024);
    const buffer = Buffer.alloc(size - start);
    const read = readSync(descriptor, buffer, 0, buffer.length, start);
    const all = buffer.toString("utf8", 0, read).split("\n");
    // The first line may be cut, the last is empty.
    return all.slice(start > 0 ? 1 : 0, all.at(-1) === "" ? -1 : undefined).slice(-lines);
  } finally {
    closeSync(descriptor);
  }
}
