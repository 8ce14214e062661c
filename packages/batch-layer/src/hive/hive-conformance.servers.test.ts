import { readFile, rm } from "node:fs/promises";
import { tableFromIPC } from "apache-arrow";
import { readParquet } from "parquet-wasm";
import { inject, it } from "vitest";
import { sqlEngineConformance } from "@millrace/core/testing";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { hiveEngine } from "./hive-engine.js";

const server = inject("spark");

sqlEngineConformance(it, async () => {
  const root = temporaryRoot("hive-conformance");
  const files = localFileSystem({ root });
  const engine = hiveEngine({ files, ...server });
  return {
    engine,
    files,
    another: async () => hiveEngine({ files, ...server }),
    readBack: async (path, column) => {
      const read = readParquet(await readFile(files.uri(path)));
      return [...(tableFromIPC(read.intoIPCStream()).getChild(column)!.toArray() as Iterable<bigint>)].map(Number);
    },
    bytes: (content) => (content === null ? "CAST(NULL AS BINARY)" : `X'${Buffer.from(content).toString("hex")}'`),
    runs: 10,
    // Spark interrupts a task only where it reads, not in the inner loops of a join, and lets others run between tasks: many small ones.
    endless: "SELECT sum(id % 7) AS s FROM range(0, 5000000000000, 1, 50000)",
    long: "SELECT id AS n FROM range(0, 1000000000, 1, 10000)",
    dispose: async () => {
      await engine.close();
      await rm(root, { recursive: true });
    },
  };
});
