import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { hiveEngine } from "@millrace/batch-layer/hive";
import { localFileSystem } from "@millrace/batch-layer/local";
import { countDistinct, defineMeasure, defineView, quantile, text, type Generation, type SqlEngine } from "millrace";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { madeUpSite } from "../oracle/made-up-site.js";
import { pageOf } from "../oracle/page-of.js";
import { HOUR_MS, SimulatedSite } from "../oracle/simulated-site.js";
import { listenEvents } from "../streams/listen-events.js";

const DAY_MS = 24 * HOUR_MS;
const FROM = Date.UTC(2025, 0, 6);
const midnight = (day: number) => FROM + day * DAY_MS;
const date = (day: number) => new Date(midnight(day)).toISOString().slice(0, 10);
const never = new AbortController().signal;

const longest = defineMeasure({
  name: "longest",
  input: [text()],
  zero: () => 0,
  add: (n, title) => Math.max(n, title.length),
  merge: Math.max,
  present: (n) => n,
  encode: (n) => Uint8Array.of(n),
  decode: ([n = 0]) => n,
});
/** Folded in TypeScript: no engine has SQL for its measure. With it go a sketch of each kind, bytes, and a dimension of every type. */
const folded = defineView({
  name: "folded",
  from: listenEvents,
  by: ["song", "duration", "userId", "registration"],
  every: "hour",
  measures: (c) => ({ longest: longest(c.artist), users: countDistinct(c.userId), median: quantile(c.duration, 0.5) }),
});

/** Files of this machine, which both engines read. */
function folder(name: string) {
  const root = mkdtempSync(path.join(tmpdir(), `millrace-${name}-`));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return localFileSystem({ root });
}

/** Every row of every table and date of a generation, in the order of its files, with the names of its columns; read by one engine. */
async function contentOf({ platform: { files } }: SimulatedSite, generation: Generation, reader: SqlEngine): Promise<Readonly<Record<string, readonly string[]>>> {
  const content: Record<string, readonly string[]> = {};
  for (const { name, versions } of generation.tables) {
    for (const [day, version] of Object.entries(versions)) {
      const uris = version.files.map((file) => `'${files.uri(file)}'`);
      const { columns, blocks } = await reader.query(`SELECT * FROM read_parquet([${uris.join(", ")}], hive_partitioning = false)`, never);
      const rows: string[] = [];
      for await (const block of blocks) for (const row of block) rows.push(JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)));
      expect(rows.length, `${name} ${day}`).toBe(version.rows);
      content[`${name} ${day}`] = [columns.map((column) => column.name).join(), ...rows];
    }
  }
  return content;
}

it("builds on Spark what it builds on DuckDB, column by column and row by row: in full, by increments, after late data, a late change of level, a missed day, a rerun and a backfill", { timeout: 600_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`events of seed ${seed}`);
  const reader = duckdbEngine({ files: folder("reader") });
  const files = { duckdb: folder("duckdb"), spark: folder("spark") };
  await using duckdb = await SimulatedSite.open({ startAt: FROM, partitions: 2, warehouse: { files: files.duckdb, engine: duckdbEngine({ files: files.duckdb }) }, views: [folded] });
  await using spark = await SimulatedSite.open({ logOf: duckdb, warehouse: { files: files.spark, engine: hiveEngine({ files: files.spark, ...inject("spark") }) }, views: [folded] });
  onTestFinished(() => reader.close());

  /** Loads what has arrived before a midnight into a warehouse. */
  const load = async (site: SimulatedSite, day: number, full?: true) => {
    await site.ingest();
    return site.lambda().batch.run({ cutAt: new Date(midnight(day)), ...(full ? { full } : {}) });
  };
  const loadBoth = async (day: number, full?: true) => {
    await duckdb.passUntil(midnight(day) + HOUR_MS);
    const expected = (await load(duckdb, day, full)) as Generation;
    const made = (await load(spark, day, full)) as Generation;
    expect(await contentOf(spark, made, reader)).toEqual(await contentOf(duckdb, expected, reader));
    return made;
  };

  duckdb.send(madeUpSite({ seed, from: FROM, days: 2, users: 6, lateShare: 0.1, traps: true }));
  // Free on the first day, paid on the second.
  duckdb.send([0, 1].map((day) => ({ ...pageOf(midnight(day) + 9 * HOUR_MS, 9_007, day === 0 ? "free" : "paid"), arrivesAt: midnight(day) + 10 * HOUR_MS })));
  await loadBoth(1, true);
  // Nobody ran the load of the second day. Then an old system delivers a day of a month before, and a page comes that says
  // that the user of the first day had paid at its beginning.
  duckdb.send(madeUpSite({ seed: seed + 1, from: midnight(-30), days: 1, users: 4 }).filter(({ arrivesAt }) => arrivesAt < midnight(-29)).map((record) => ({ ...record, arrivesAt: midnight(2) + 10 * HOUR_MS })));
  duckdb.send([{ ...pageOf(midnight(0) + 10 * HOUR_MS, 9_007, "paid"), arrivesAt: midnight(2) + 10 * HOUR_MS }]);
  const last = await loadBoth(3);
  expect(Object.keys(last.tables.find(({ name }) => name === "fact_page_view")!.versions)).toEqual(expect.arrayContaining([date(-30), date(0), date(1)]));
  expect(await load(spark, 3)).toMatchObject({ unchanged: true });

  // From nothing, in one go, on the engine that a rebuild costs little.
  await using again = await SimulatedSite.open({ logOf: duckdb, views: [folded] });
  const rebuilt = (await load(again, 3, true)) as Generation;
  expect(await contentOf(spark, last, reader)).toEqual(await contentOf(again, rebuilt, reader));
});
