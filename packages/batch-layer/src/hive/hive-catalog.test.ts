import { expect, it } from "vitest";
import type { CatalogTable, FileSystem, Generation, SqlEngine } from "@millrace/core";
import { memoryFileSystem, simulatedClock } from "@millrace/core/memory";
import { hiveCatalog } from "./hive-catalog.js";
import { sparkDialect } from "./spark-dialect.js";

const never = new AbortController().signal;
const SETTLE_MS = 1_000;

it("has made the views when it says that a generation was made known too late", async () => {
  const clock = simulatedClock(Date.UTC(2026, 0, 1));
  const statements: string[] = [];
  const engine: SqlEngine = {
    name: "spark",
    dialect: sparkDialect,
    query(sql) {
      statements.push(sql);
      const rows = sql.startsWith("SELECT unix_millis") ? [[clock.now()]] : [];
      return Promise.resolve({ columns: [], blocks: (async function* () { yield await Promise.resolve(rows); })() });
    },
    writeTable: () => Promise.reject(new Error("nothing is written")),
    close: () => Promise.resolve(),
  };
  const memory = memoryFileSystem();
  // A file that takes longer than the generation has to settle.
  const files: FileSystem = { ...memory, uri: (path) => `/warehouse/${path}`, replace: (path, content, signal) => clock.sleep(SETTLE_MS + 29, signal).then(() => memory.replace(path, content, signal)) };
  const catalog = hiveCatalog({ files, engine, settleMs: SETTLE_MS, clock });
  const table = { name: "per_hour", kind: "view", partitioned: "whole", fingerprint: "1", versions: { "": { version: "1-0", rows: 1, files: [], bytes: 1 } }, columns: { n: "BIGINT" } } satisfies CatalogTable;
  const generation: Generation = { format: 1, number: 1, parent: null, kind: "full", contentOf: null, startedAt: 0, publishedAt: 0, cut: {}, cutAt: null, drift: [], checks: [], tables: [table] };

  await catalog.prepare([table], never);
  const shown = expect(catalog.show(generation, never)).rejects.toMatchObject({ code: "CATALOG_LATE", retryable: true });
  await clock.advance(10 * SETTLE_MS);
  await shown;
  expect(statements.findIndex((sql) => sql.includes("PARTITION (generation = '1')"))).toBeGreaterThan(0);
  expect(statements.at(-1)).toMatch(/^CREATE VIEW IF NOT EXISTS `millrace`\.`per_hour` AS /);
});
