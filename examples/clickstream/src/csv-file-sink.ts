import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Sink } from "millrace";

/** One CSV file a batch, in one folder. A replayed batch replaces its file by the same bytes. */
export const csvFileSink = <R extends object>(folder: string, columns: readonly (keyof R & string)[]): Sink<R> => ({
  name: "csv files",
  async write({ id, rows }, signal) {
    const file = path.join(folder, `${id}.csv`);
    const lines = [columns, ...rows.map((row) => columns.map((column) => quoted(row[column])))];
    await mkdir(path.dirname(file), { recursive: true });
    // A reader sees the whole file or none.
    await writeFile(`${file}.part`, lines.map((line) => `${line.join(",")}\n`).join(""), { signal });
    await rename(`${file}.part`, file);
  },
  close: () => Promise.resolve(),
});

const quoted = (value: unknown): string => {
  const text = value instanceof Date ? value.toISOString() : String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
