import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FileSystem, SqlEngine } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";

const never = new AbortController().signal;

/**
 * Files in memory whose Parquet files lie in a folder of this machine, too, where the SQL engine reads them; and the
 * engine, whose tables are in memory, too. No call waits for a disk, so that histories repeat.
 */
export function mirroredFiles(root: string, engine: SqlEngine, folder: string): { readonly files: FileSystem; readonly engine: SqlEngine } {
  const memory = memoryFileSystem();
  const onDisk = (name: string): string => path.join(root, folder, name);
  const mirror = async (name: string): Promise<void> => {
    if (!name.endsWith(".parquet")) return;
    mkdirSync(path.dirname(onDisk(name)), { recursive: true });
    writeFileSync(onDisk(name), await memory.read(name, never));
  };
  return {
    files: {
      ...memory,
      uri: onDisk,
      async write(name, signal) {
        const writer = await memory.write(name, signal);
        return {
          write: (chunk) => writer.write(chunk),
          abort: () => writer.abort(),
          async commit() {
            const committed = await writer.commit();
            await mirror(name);
            return committed;
          },
        };
      },
      async remove(name, signal) {
        await memory.remove(name, signal);
        rmSync(onDisk(name), { recursive: true, force: true });
      },
    },
    engine: {
      name: engine.name,
      dialect: engine.dialect,
      query: (sql, signal) => engine.query(sql, signal),
      async writeTable(select, into, signal) {
        const { files, rows } = await engine.writeTable(select, `${folder}/${into}`, signal);
        const own = files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
        for (const { path: name } of own) {
          const writer = await memory.write(name, never);
          await writer.write(readFileSync(onDisk(name)));
          await writer.commit();
        }
        return { files: own, rows };
      },
      close: () => Promise.resolve(),
    },
  };
}
