import { readFile, rm } from "node:fs/promises";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { it } from "vitest";
import { sqlEngineConformance } from "@millrace/core/testing";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { duckdbEngine } from "./duckdb-engine.js";

sqlEngineConformance(it, async () => {
  const root = temporaryRoot("duckdb-conformance");
  const files = localFileSystem({ root });
  const engine = duckdbEngine({ files });
  return {
    engine,
    files,
    another: async () => duckdbEngine({ files }),
    readBack: async (path, column) => {
      const read = readParquet(await readFile(files.uri(path)));
      return [...(tableFromIPC(read.intoIPCStream()).getChild(column)!.toArray() as Iterable<bigint>)].map(Number);
    },
    bytes: (content) => (content === null ? "CAST(NULL AS BLOB)" : `unhex('${Buffer.from(content).toString("hex")}')`),
    dispose: async () => {
      await engine.close();
      await rm(root, { recursive: true });
    },
  };
});
