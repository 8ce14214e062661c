import { inject, it } from "vitest";
import { memoryFileSystem } from "@millrace/core/memory";
import { sqlEngineConformance } from "@millrace/core/testing";
import { prestoEngine } from "./presto-engine.js";

const server = inject("presto");

sqlEngineConformance(
  it,
  async () => {
    const engine = prestoEngine({ ...server, schema: "default" });
    // A law that is waived may end before it looks at what this gives.
    const writeTable: typeof engine.writeTable = (...call) => {
      const refused = engine.writeTable(...call);
      refused.catch(() => {});
      return refused;
    };
    return {
      engine: { ...engine, writeTable },
      files: memoryFileSystem(),
      another: async () => prestoEngine({ ...server, schema: "default" }),
      readBack: () => Promise.reject(new Error("Presto writes no files")),
      bytes: (content) => (content === null ? "CAST(NULL AS VARBINARY)" : `X'${Buffer.from(content).toString("hex")}'`),
      runs: 5,
      long: "SELECT a.n FROM UNNEST(sequence(1, 10000)) a(n) CROSS JOIN UNNEST(sequence(1, 10000)) b(n)",
      dispose: () => engine.close(),
    };
  },
  {
    "types-round-trip": "reads only: writeTable is refused",
    "writes-in-order": "reads only: writeTable is refused",
    "writes-in-its-folder": "reads only: writeTable is refused",
    "any-folder-name": "reads only: writeTable is refused",
    "empty-tables": "reads only: writeTable is refused",
    "missing-columns": "reads only: writeTable is refused",
    errors: "reads only: writeTable is refused",
    aborts: "reads only: writeTable is refused",
    "side-by-side": "reads only: writeTable is refused",
    "another-engine": "reads only: writeTable is refused",
    sketches: "reads only: writeTable is refused",
  },
);
