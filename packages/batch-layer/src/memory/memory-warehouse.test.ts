import { existsSync } from "node:fs";
import path from "node:path";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { describe, expect, it } from "vitest";
import { FileNotFoundError } from "@millrace/core";
import { fileSystemConformance, sqlEngineConformance } from "@millrace/core/testing";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { memoryWarehouse } from "./memory-warehouse.js";

const never = new AbortController().signal;

describe("memoryWarehouse", () => {
  sqlEngineConformance(it, async () => {
    const { files, engine } = memoryWarehouse();
    return {
      engine,
      files,
      another: async () => duckdbEngine({ files }),
      readBack: async (name, column) => {
        const read = readParquet(await files.read(name, never));
        return [...(tableFromIPC(read.intoIPCStream()).getChild(column)!.toArray() as Iterable<bigint>)].map(Number);
      },
      bytes: (content) => (content === null ? "CAST(NULL AS BLOB)" : `unhex('${Buffer.from(content).toString("hex")}')`),
      dispose: () => Promise.all([engine.close(), files.close()]).then(() => undefined),
    };
  });

  fileSystemConformance(it, async () => {
    const { files, engine } = memoryWarehouse();
    return {
      files,
      another: async () => ({ ...files, close: () => Promise.resolve() }),
      readBack: (name) =>
        files.read(name, never).catch((error: unknown) => {
          if (error instanceof FileNotFoundError) return null;
          throw error;
        }),
      dispose: () => Promise.all([engine.close(), files.close()]).then(() => undefined),
    };
  });

  it("leaves nothing behind", async () => {
    const { files, engine } = memoryWarehouse();
    await engine.writeTable("SELECT 1 AS a", "t/version=1", never);
    const root = path.dirname(path.dirname(path.dirname(files.uri("t/version=1"))));
    expect(existsSync(root)).toBe(true);
    await engine.close();
    await files.close();
    expect(existsSync(root)).toBe(false);
  });
});
