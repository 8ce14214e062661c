import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, inject, it } from "vitest";
import { hiveCatalog, hiveEngine } from "@millrace/batch-layer/hive";
import { localFileSystem } from "@millrace/batch-layer/local";
import { collectRows, tableVersionFolder, type CatalogTable, type Generation, type SqlEngine, type TableVersion } from "@millrace/core";
import { prestoEngine } from "@millrace/serving-layer/presto";

const server = inject("presto");
const never = new AbortController().signal;
const GENERATIONS = 20;
const DATES = ["2026-01-01", "2026-01-02"];
const COLUMNS = { fact: { k: "BIGINT", g: "BIGINT", at: "TIMESTAMP", hits: "MAP<INT, BIGINT>" }, dim: { k: "BIGINT", g: "BIGINT" } };

const root = mkdtempSync(path.join(os.tmpdir(), "millrace-presto-reads-"));
const files = localFileSystem({ root });
const spark = hiveEngine({ files, ...inject("spark") });
const schema = `p${process.pid}_${Date.now().toString(36)}`;
const catalog = hiveCatalog({ files, engine: spark, database: schema, settleMs: 4_000 });
// region engine
const presto = prestoEngine({ ...server, catalog: "hive", schema });
// endregion
afterAll(async () => {
  await rowsOf(spark, `DROP DATABASE IF EXISTS ${schema} CASCADE`);
  await Promise.all([presto.close(), spark.close()]);
  rmSync(root, { recursive: true });
});

const rowsOf = (engine: SqlEngine, sql: string) => collectRows(engine, sql, never);

async function write(select: string, table: string, version: string, date?: string): Promise<TableVersion> {
  const { files: parts, rows } = await spark.writeTable(select, tableVersionFolder(table, version, date), never);
  return { version, rows, files: parts.map(({ path: file }) => file), bytes: 1 };
}

/** A generation whose rows all have its number. */
async function publish(number: number): Promise<Generation> {
  const base = `SELECT 9007199254740993 + id AS k, CAST(${number} AS BIGINT) AS g`;
  const at = "timestamp_millis(1772000000123 + id) AS at, map(CAST(2 AS INT), id, CAST(1 AS INT), CAST(7 AS BIGINT)) AS hits";
  const fact: Record<string, TableVersion> = {};
  for (const date of DATES) fact[date] = await write(`${base}, ${at} FROM range(3)`, "fact", `${number}-0`, date);
  const generation: Generation = {
    format: 1, number, parent: number === 1 ? null : number - 1, kind: "full", contentOf: null, startedAt: 0, publishedAt: 0, cut: {}, cutAt: null, drift: [], checks: [],
    tables: [
      { name: "fact", kind: "model", partitioned: "date", fingerprint: "1", versions: fact },
      { name: "dim", kind: "view", partitioned: "whole", fingerprint: "1", versions: { "": await write(`${base} FROM range(3)`, "dim", `${number}-0`) } },
    ],
  };
  const tables = generation.tables.map((table): CatalogTable => ({ ...table, columns: COLUMNS[table.name as "fact" | "dim"] }));
  await catalog.prepare(tables, never);
  await catalog.show({ ...generation, tables }, never);
  return generation;
}

// region current
/** The generation is taken in the statement itself, once, and both tables are joined to its versions, which are told by the paths of files. */
const WHOLE = `
  WITH p AS (
    SELECT table_name, "date", version FROM (SELECT *, max(CAST(generation AS BIGINT)) OVER () AS newest FROM published WHERE visible_at <= to_unixtime(current_timestamp) * 1000)
    WHERE CAST(generation AS BIGINT) = newest
  )
  SELECT t, count(*), min(g), max(g) FROM (
    SELECT 'fact' AS t, f.g FROM fact_versions f JOIN p ON p.table_name = 'fact' AND f.millrace_date = p."date" AND regexp_extract(f."$path", '/version=([^/]+)/', 1) = p.version
    UNION ALL
    SELECT 'dim' AS t, d.g FROM dim_versions d JOIN p ON p.table_name = 'dim' AND regexp_extract(d."$path", '/version=([^/]+)/', 1) = p.version
  ) GROUP BY t ORDER BY t`;
// endregion

it("reads what Spark has written, by the files of a generation, and refuses what is not all there", async () => {
  const generation = await publish(1);
  const [fact] = generation.tables;
  const uris = DATES.flatMap((date) => fact!.versions[date]!.files.map((file) => files.uri(file)));
  const select = (engine: SqlEngine, of: readonly string[]): string =>
    `SELECT k, g, ${engine.dialect.epochMs("at")} AS ms, at, hits FROM ${engine.dialect.scan(of, { k: "BIGINT", g: "BIGINT", at: "TIMESTAMP", hits: engine.dialect.cellType("sketch") })} t WHERE at >= ${engine.dialect.literal(new Date(1_772_000_000_124))} ORDER BY k`;
  const rows = await rowsOf(presto, select(presto, uris));
  expect(rows).toEqual([1, 1, 2, 2].map((n) => [9_007_199_254_740_993n + BigInt(n), 1, 1_772_000_000_123 + n, 1_772_000_000_123 + n, [[1, 7], [2, n]]]));
  expect(rows).toEqual(await rowsOf(spark, select(spark, uris)));
  await expect(rowsOf(presto, select(presto, [...uris, files.uri(`${tableVersionFolder("fact", "9-0", DATES[0])}/a.parquet`)]))).rejects.toMatchObject({ code: "SQL", retryable: true, message: expect.stringContaining('of 3 versions of the table "fact"') as string });
});

it("a statement that takes the current generation itself sees one whole generation while others are published", { timeout: 600_000 }, async () => {
  await expect.poll(() => rowsOf(presto, WHOLE)).toEqual([["dim", 3, 1, 1], ["fact", 6, 1, 1]]);
  // While there is one version of a table, Presto would plan with it in the place of the column, and look for partitions once more.
  expect(String((await rowsOf(presto, `EXPLAIN (TYPE DISTRIBUTED) ${WHOLE}`))[0]![0])).not.toContain("VARCHAR'1-0'");
  let isOver = false;
  const seen = new Set<number>();
  const reading = async () => {
    while (!isOver) {
      const rows = await rowsOf(presto, WHOLE);
      const numbers = new Set(rows.flatMap(([, , least, most]) => [Number(least), Number(most)]));
      expect([rows.map(([table, count]) => [table, count]), numbers.size], JSON.stringify(rows)).toEqual([[["dim", 3], ["fact", 6]], 1]);
      for (const number of numbers) seen.add(number);
    }
  };
  const publishing = (async () => {
    for (let number = 2; number <= GENERATIONS; number++) await publish(number);
  })();
  const readers = Promise.all([reading(), reading()]);
  await Promise.race([readers, publishing]);
  isOver = true;
  await readers;
  await publishing;
  expect(seen.size).toBeGreaterThan(3);
  await expect.poll(() => rowsOf(presto, WHOLE)).toEqual([["dim", 3, GENERATIONS, GENERATIONS], ["fact", 6, GENERATIONS, GENERATIONS]]);
});
