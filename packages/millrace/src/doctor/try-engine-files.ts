import { randomUUID } from "node:crypto";
import { text, type ColumnDefinition, type Platform } from "@millrace/core";
import { BrokenPromiseError } from "./broken-promise-error.js";

const APART = "engine and `files` must see the same files under the same names: look at the file system's uris (`fileSystemUri` on HDFS), and whether the engine's server runs where the files are";

/** The engine writes a table that the file system must have, and reads it by the names that the file system gives. */
export async function tryEngineFiles({ engine, files }: Pick<Platform, "engine" | "files">, signal: AbortSignal): Promise<string> {
  const folder = `doctor/${randomUUID()}`;
  try {
    const written = await engine.writeTable(`SELECT ${engine.dialect.literal("it's")} AS words`, folder, signal);
    const listed = await files.list(folder, signal);
    if (listed.length === 0 || listed.map(({ path }) => path).join() !== written.files.map(({ path }) => path).join()) {
      throw new BrokenPromiseError(`${engine.name} wrote ${written.files.length} files, of which ${files.name} has ${listed.length}`, APART);
    }
    const { blocks } = await engine.query(`SELECT words FROM ${engine.dialect.scan(listed.map(({ path }) => files.uri(path)), { words: engine.dialect.columnType(text().definition as ColumnDefinition) })} AS t`, signal);
    for await (const block of blocks) if (block[0]?.[0] === "it's") return `${engine.name} writes and reads tables in ${files.name}`;
    throw new BrokenPromiseError(`${engine.name} did not read back the table that it wrote`, APART);
  } finally {
    await files.remove(folder, signal).catch(() => {});
  }
}
