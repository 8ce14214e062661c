import { rmSync } from "node:fs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { simulatedClock } from "@millrace/core/memory";
import { collectRows, tableVersionFolder, type CatalogTable, type FileSystem, type Generation } from "@millrace/core";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { hdfsFileSystem } from "../hdfs/hdfs-file-system.js";
import { kitFolder } from "../hdfs/testing/kit-folder.js";
import { localFileSystem } from "../local/local-file-system.js";
import { prune } from "../run/prune.js";
import { completeSwitch, publish, type Publication } from "../run/publish.js";
import { rollback } from "../run/rollback.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { hiveCatalog } from "./hive-catalog.js";
import { hiveEngine } from "./hive-engine.js";

const server = inject("spark");
const { webAddress, user, uri } = inject("hdfs");
const never = new AbortController().signal;
const clock = simulatedClock(Date.UTC(2026, 0, 1));
const GENERATIONS = 50;
const DATES = ["2026-01-01", "2026-01-02"];
const ROWS = 40;

const root = temporaryRoot("catalog");
const files = localFileSystem({ root });
const engine = hiveEngine({ files, ...server });
/** What writes the tables is not what the test is about. */
const duckdb = duckdbEngine({ files });
const databases: string[] = [];
const kit = kitFolder(webAddress, user);
const opened: FileSystem[] = [];
afterAll(async () => {
  for (const database of databases) await rowsOf(`DROP DATABASE IF EXISTS ${database} CASCADE`);
  await Promise.all([engine.close(), duckdb.close(), ...opened.map((each) => each.close())]);
  await kit.remove();
  rmSync(root, { recursive: true });
});

const rowsOf = (sql: string) => collectRows(engine, sql, never);

/** A warehouse of its own in a database of its own: the facts of two dates, and a dimension. */
function warehouse(settleMs: number, where: "hdfs" | "disk") {
  const name = `w${process.pid}_${Date.now().toString(36)}_${opened.length}`;
  databases.push(name);
  const own = where === "disk" ? localFileSystem({ root: `${root}/${name}` }) : hdfsFileSystem({ nameNodes: [webAddress], user, root: `${kit.root}/${name}`, fileSystemUri: uri });
  opened.push(own);
  const catalog = hiveCatalog({ files: own, engine, database: name, settleMs });
  const columns: Record<string, Record<string, string>> = { fact: { k: "BIGINT", g: "BIGINT", "user id": "STRING" }, dim: { k: "BIGINT", g: "BIGINT" } };
  const tablesOf = (generation: Generation): readonly CatalogTable[] => generation.tables.map((table) => ({ ...table, columns: columns[table.name]! }));
  const publication: Publication = { files: own, catalog, tablesOf };
  const write = async (select: string, table: string, version: string, date?: string) => {
    const { files: parts, rows } = await duckdb.writeTable(select, `${name}/${tableVersionFolder(table, version, date)}`, never);
    const paths = parts.map(({ path }) => path.slice(name.length + 1));
    if (where === "hdfs") for (const path of paths) await own.replace(path, await files.read(`${name}/${path}`, never), never);
    return { version, rows, files: paths, bytes: 1 };
  };
  /** Both tables in one statement: how many rows, and the least and greatest number in each. */
  const read = async () => (await rowsOf(`SELECT count(*), min(f.g), max(f.g), min(d.g), max(d.g) FROM ${name}.fact AS f JOIN ${name}.dim AS d ON f.k = d.k`))[0]!;
  return {
    name, publication, catalog, files: own, columns,
    /** A generation whose rows all have its number; of the fact's dates one is new each time. */
    async next(fingerprint = "1"): Promise<Generation> {
      const parent = await completeSwitch(publication, never);
      const number = (parent?.number ?? 0) + 1;
      const rows = (more: string) => `SELECT range AS k, ${number}::BIGINT AS g${more} FROM range(${ROWS})`;
      const fact = Object.fromEntries(await Promise.all(DATES.map(async (date) => [date, await write(rows(`, 'it''s' AS "user id"`), "fact", `${number}-0`, date)] as const)));
      return publish(publication, {
        format: 1, number, parent: parent?.number ?? null, kind: "full", contentOf: null, startedAt: 0, publishedAt: clock.now(), cut: {}, cutAt: null, drift: [], checks: [],
        tables: [
          { name: "fact", kind: "model", partitioned: "date", fingerprint, versions: fact },
          { name: "dim", kind: "view", partitioned: "whole", fingerprint: "1", versions: { "": await write(rows(""), "dim", `${number}-0`) } },
        ],
      }, never);
    },
    read,
    expectShown: async (number: number) => {
      await expect.poll(read).toEqual([DATES.length * ROWS, number, number, number, number]);
    },
  };
}

describe("hiveCatalog", () => {
  it("shows readers of two tables one whole generation while others are published", { timeout: 600_000 }, async () => {
    const shop = warehouse(4_000, "hdfs");
    await shop.next();
    let isOver = false;
    const seen = new Set<number>();
    let reads = 0;
    const reading = async () => {
      while (!isOver) {
        const [rows, ...numbers] = await shop.read();
        expect([rows, new Set(numbers).size], `rows, and numbers ${numbers.join()}`).toEqual([DATES.length * ROWS, 1]);
        seen.add(Number(numbers[0]));
        reads++;
      }
    };
    const readers = Promise.all([reading(), reading()]);
    const publishing = (async () => {
      for (let g = 2; g <= GENERATIONS; g++) {
        await shop.next();
        // As an operator does, and no read takes so long.
        if (g % 12 === 0) await prune(shop.publication, simulatedClock(clock.now() + 7_200_000), { keep: 8 }, never);
      }
    })();
    await Promise.race([readers, publishing]);
    isOver = true;
    await readers;
    console.log(`${reads} reads, ${seen.size} generations seen`);
    expect(seen.size).toBeGreaterThan(5);
    await shop.expectShown(GENERATIONS);
  });

  it("goes back, forgets what is pruned, takes columns that were added, and refuses another type", async () => {
    const shop = warehouse(0, "disk");
    // A process without the catalog published before.
    const before = { ...shop.publication, catalog: undefined, tablesOf: undefined } as unknown as Publication;
    const { catalog, tablesOf, files: own } = shop.publication as Required<Publication>;
    await shop.next();
    await shop.next();
    await shop.expectShown(2);
    await rollback({ publication: shop.publication, clock, store: undefined, views: [], number: 1 }, never);
    await shop.expectShown(1);
    expect(await rowsOf(`SELECT generation FROM ${shop.name}.current_generation`)).toEqual([[3]]);

    await publish(before, { ...(await completeSwitch(before, never))!, number: 4, parent: 3 }, never);
    expect(await catalog.current(never)).toBe(3);
    expect((await completeSwitch(shop.publication, never))!.number).toBe(4);
    expect(await catalog.current(never)).toBe(4);
    await shop.next();

    const pruned = await prune(shop.publication, simulatedClock(clock.now() + 7_200_000), { keep: 1 }, never);
    expect(pruned.versions).toEqual(["dim/version=1-0", "dim/version=2-0", ...DATES.flatMap((date) => [`fact/date=${date}/version=1-0`, `fact/date=${date}/version=2-0`])].sort());
    expect((await rowsOf(`SHOW PARTITIONS ${shop.name}.fact_versions`)).map(([partition]) => partition)).toEqual(DATES.map((date) => `millrace_date=${date}/millrace_version=5-0`));
    expect(await rowsOf(`SELECT DISTINCT generation FROM ${shop.name}.published`)).toEqual([["5"]]);
    await shop.expectShown(5);

    shop.columns["fact"]!["added"] = "DECIMAL(18, 2)";
    await shop.next("2");
    await shop.expectShown(6);
    expect(await rowsOf(`SELECT DISTINCT \`user id\`, added FROM ${shop.name}.fact`)).toEqual([["it's", null]]);

    // The way of engines that do not read Spark's views: a generation as a literal.
    const [[version]] = (await rowsOf(`SELECT version FROM ${shop.name}.published WHERE generation = '6' AND table_name = 'fact' AND \`date\` = '${DATES[1]!}'`)) as [[string]];
    expect(await rowsOf(`SELECT count(*), min(g), max(g) FROM ${shop.name}.fact_versions WHERE millrace_date = '${DATES[1]!}' AND millrace_version = '${version}'`)).toEqual([[ROWS, 6, 6]]);

    shop.columns["fact"]!["k"] = "STRING";
    await expect(shop.next("3")).rejects.toMatchObject({ code: "CATALOG_CONFLICT", message: expect.stringContaining('"k" is bigint there, and is declared string now') as string });
    expect([await catalog.current(never), (await completeSwitch(shop.publication, never))!.number]).toEqual([6, 6]);

    // Somebody dropped the table: it comes again with the next generation, also where a run died before it had its partitions.
    shop.columns["fact"]!["k"] = "BIGINT";
    await rowsOf(`DROP TABLE ${shop.name}.fact_versions`);
    const dying = { ...engine, query: (sql: string, signal: AbortSignal) => (sql.includes("`fact_versions` ADD") ? Promise.reject(new Error("killed")) : engine.query(sql, signal)) };
    const publication = (by: typeof engine): Publication => ({ files: own, catalog: hiveCatalog({ files: own, engine: by, database: shop.name, settleMs: 0 }), tablesOf });
    const same = { ...(await completeSwitch(before, never))!, number: 7, parent: 6 };
    await expect(publish(publication(dying), same, never)).rejects.toThrow("killed");
    await expect(shop.read()).rejects.toThrow("TABLE_OR_VIEW_NOT_FOUND");
    await publish(publication(engine), same, never);
    await shop.expectShown(6);
    await rollback({ publication: publication(engine), clock, store: undefined, views: [], number: 5 }, never);
    await shop.expectShown(5);
  });
});
