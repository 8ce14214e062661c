import { closeSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 300;
const PART_BYTES = 64 * 1_024;

/**
 * Tells what is added to files from now on, line by line, until the abort. A file may come later, and may begin anew.
 *
 * @param files with the name that each line of it is told with
 */
export async function followLogs(files: readonly { readonly name: string; readonly file: string }[], tell: (name: string, line: string) => void, signal: AbortSignal): Promise<void> {
  const followed = files.map(({ name, file }) => ({ name, file, position: sizeOf(file), rest: "" }));
  while (!signal.aborted) {
    for (const each of followed) {
      const size = sizeOf(each.file);
      if (size < each.position) each.position = 0;
      while (each.position < size) {
        const text = readPart(each.file, each.position, Math.min(PART_BYTES, size - each.position));
        if (text.length === 0) break;
        each.position += text.length;
        const lines = (each.rest + text.toString("utf8")).split("\n");
        each.rest = lines.pop()!;
        for (const line of lines) tell(each.name, line);
      }
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readPart(file: string, position: number, length: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
  } finally {
    closeSync(descriptor);
  }
}
