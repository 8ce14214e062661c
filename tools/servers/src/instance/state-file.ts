import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a file of JSON says; undefined where there is none. @throws what `notJson` makes of a file that is torn */
export function readStateFile<T>(file: string, notJson: (cause: unknown) => Error): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw notJson(cause);
  }
}

/** Replaces the file at once, so that a reader never sees half of it. */
export function writeStateFile(file: string, state: object): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}
