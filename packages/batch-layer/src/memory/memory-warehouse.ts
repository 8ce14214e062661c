import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FileSystem, SqlEngine } from "@millrace/core";
import { memoryFileSystem } from "@millrace/core/memory";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";

/** Files and an engine that read each other's tables. */
export interface MemoryWarehouse {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
}

/** One engine for many warehouses: starting DuckDB is what costs. */
export interface SharedEngine {
  /** Folder of this machine, which the engine's uris lie in. */
  readonly root: string;
  /** Not closed with the warehouse. */
  readonly engine: SqlEngine;
  /** This warehouse's own within the root. */
  readonly folder: string;
}

const never = new AbortController().signal;

/**
 * Files in memory and an SQL engine over them, for tests: the memory implementation of `FileSystem` and `SqlEngine`
 * together. SQL is DuckDB's, in memory; since it reads Parquet by path, the Parquet files lie in a temporary folder,
 * too, which goes with `files.close()`. No call but SQL itself waits for a disk, so that runs repeat step by step.
 */
export function memoryWarehouse(shared?: SharedEngine): MemoryWarehouse {
  const root = shared?.root ?? mkdtempSync(path.join(tmpdir(), "millrace-memory-"));
  const folder = shared?.folder ?? "warehouse";
  const memory = memoryFileSystem();
  const onDisk = (name: string): string => path.join(root, folder, name);
  const engine = shared?.engine ?? duckdbEngine({ files: { ...memory, uri: (name) => path.join(root, name) } });
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
      async putIfAbsent(name, content, signal) {
        const created = await memory.putIfAbsent(name, content, signal);
        if (created) await mirror(name);
        return created;
      },
      async replace(name, content, signal) {
        await memory.replace(name, content, signal);
        await mirror(name);
      },
      async remove(name, signal) {
        await memory.remove(name, signal);
        rmSync(onDisk(name), { recursive: true, force: true });
      },
      async close() {
        await memory.close();
        if (!shared) rmSync(root, { recursive: true, force: true });
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
      async close() {
        if (!shared) await engine.close();
      },
    },
  };
}
