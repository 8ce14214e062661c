import { createHash } from "node:crypto";
import { expect, inject, it } from "vitest";
import { count, countDistinct, decimal, defineEventTable, defineStream, defineView, int64, ManifestCatalog, planStreams, sum, text, timestamp, type FileSystem, type Generation } from "@millrace/core";
import { memoryFileSystem, memoryLog, simulatedClock } from "@millrace/core/memory";
import { faultPlan, faulty } from "@millrace/core/testing";
import { hiveCatalog } from "../hive/hive-catalog.js";
import { hiveEngine } from "../hive/hive-engine.js";
import { createIngest } from "../ingest/create-ingest.js";
import { completenessOf } from "../master-dataset/completeness.js";
import { belowCutOf, foldEvents, openWarehouse, published, readTable, rowsOf, shown } from "../testing/warehouse.js";
import { hdfsFileSystem } from "./hdfs-file-system.js";
import { kitFolder } from "./testing/kit-folder.js";

const { webAddress, uri, user } = inject("hdfs");
const spark = inject("spark");
const { signal } = new AbortController();

const plays = defineStream({
  topic: "plays",
  columns: { ts: timestamp("ms"), user: int64("bigint").optional(), song: text().optional(), price: decimal(2) },
  eventTime: "ts",
});
const bySong = defineView({ name: "by_song", from: plays, by: ["song"], every: "minute", measures: (c) => ({ n: count(), seconds: sum(c.price), users: countDistinct(c.user) }) });
const views = [bySong.definition];
const plans = planStreams(views);
const START = Date.UTC(2024, 1, 28, 23, 0);
const HOUR = 3_600_000;
const grid = { segmentOffsets: 15, segmentMs: 600_000 };

/** Records every minute; every seventh is two days late, every eleventh cannot be decoded. */
const play = (i: number) => {
  const appendedAt = START + i * 60_000;
  const ts = new Date(appendedAt - (i % 7 === 3 ? 48 * HOUR : 0));
  return { appendedAt, row: i % 11 === 5 ? undefined : { ts, user: i % 4 === 0 ? null : BigInt(i % 7), song: i % 5 === 0 ? null : `Søng ${i % 3}`, price: (i % 9) / 4 - 1 } };
};
const open = (root: string): FileSystem => hdfsFileSystem({ nameNodes: [webAddress], user, root, fileSystemUri: uri });

const contentOf = async (files: FileSystem): Promise<Readonly<Record<string, string>>> => {
  const content: Record<string, string> = {};
  for (const { path } of await files.list("", signal)) if (!path.includes("/_quiet/")) content[path] = createHash("sha256").update(await files.read(path, signal)).digest("hex");
  return content;
};

it("ingest on HDFS writes the bytes that it writes elsewhere, and changes nothing when it is killed at any step and run again", async () => {
  const log = memoryLog({ clock: simulatedClock(START), topics: { plays: 1 } });
  for (let i = 0; i < 40; i++) {
    const { row, appendedAt } = play(i);
    log.place("plays", 0, [{ appendedAt, value: row === undefined ? "{" : JSON.stringify({ ...row, ts: row.ts.getTime(), user: row.user === null ? null : Number(row.user) }) }]);
  }
  const ingest = (files: FileSystem) => createIngest({ log, files, clock: simulatedClock(START + 2 * HOUR), plans, grid, sealGuardMs: 1_000 }).drain(signal);
  const elsewhere = memoryFileSystem();
  const counting = faultPlan();
  await ingest(faulty("files", elsewhere, counting));
  const expected = await contentOf(elsewhere);
  expect(Object.keys(expected).length).toBeGreaterThan(10);

  const changes = counting.calls.filter(({ method }) => /putIfAbsent|replace|commit/.test(method));
  for (const [i, { n, method }] of changes.entries()) {
    const { root, remove } = kitFolder(webAddress, user);
    const files = open(root);
    const killed = faultPlan([{ n, fault: i % 2 === 0 ? "crashes-before" : "crashes-after" }]);
    await expect(ingest(faulty("files", files, killed)), `killed at ${method}`).rejects.toThrow();
    await files.close();
    // Another process.
    const survivor = open(root);
    await ingest(survivor);
    expect(await contentOf(survivor), `killed at ${method}`).toEqual(expected);
    const manifests = await new ManifestCatalog(survivor, "plays").refresh(signal);
    const { records, events, deadLetters, dates } = completenessOf("plays", manifests, 0);
    expect([records, events, deadLetters, dates.map(({ date, rows }) => [date, rows])]).toEqual([40, 36, 4, [["2024-02-26", 5], ["2024-02-28", 31]]]);
    await survivor.close();
    await remove();
  }
});

it("the batch layer on HDFS and Spark: ingest, runs and tables equal a plain fold over the log", async () => {
  const { root, remove } = kitFolder(webAddress, user);
  const files = open(root);
  const engine = hiveEngine({ files, ...spark });
  const w = openWarehouse({ views, grid, partitions: 2, startMs: START, on: { files, engine } });
  try {
    for (let i = 0, round = 0; round < 2; round++) {
      for (const until = i + 60; i < until; i++) {
        const { row, appendedAt } = play(i);
        w.append(i % 3 === 0 ? 1 : 0, row, { appendedAt });
      }
      w.clock.set(START + i * 60_000 + 2 * HOUR);
      await w.ingest();
      await w.speed();
      const generation = published(await w.batch().run({}, signal));
      expect(belowCutOf(generation, "plays", w.placed)).toHaveLength(i);
      for (const view of views) expect(await readTable(w, view, generation)).toEqual(shown(foldEvents(view, belowCutOf(generation, "plays", w.placed))));
    }
  } finally {
    await w.close();
    await files.close();
    await remove();
  }
});

it("SQL users read the raw zone by date: each event below the cut once, however ingest and runs go on", async () => {
  const { root, remove } = kitFolder(webAddress, user);
  const files = open(root);
  const engine = hiveEngine({ files, ...spark });
  const database = `raw_${process.pid}_${Date.now().toString(36)}`;
  const catalog = hiveCatalog({ files, engine, database, settleMs: 4_000 });
  const models = [defineEventTable({ name: "play_events", from: plays }).definition];
  const w = openWarehouse({ views, models, grid, partitions: 2, startMs: START, on: { files, engine } });
  let i = 0;
  const ingestMore = async (records: number) => {
    for (const until = i + records; i < until; i++) {
      const { row, appendedAt } = play(i);
      w.append(i % 3 === 0 ? 1 : 0, row, { appendedAt });
    }
    w.clock.set(START + i * 60_000 + 2 * HOUR);
    await w.ingest();
  };
  const DATE = "2024-02-28";
  const ofDate = `FROM ${database}.play_events WHERE millrace_date = '${DATE}'`;
  const isOfDate = ({ row }: (typeof w.placed)[number]) => row !== undefined && (row["ts"] as Date).toISOString().startsWith(DATE);
  const expected = (generation: Generation) =>
    belowCutOf(generation, "plays", w.placed)
      .filter(isOfDate)
      .map(({ partition, offset, appendedAt, row }) => [partition, offset, (row!["ts"] as Date).getTime(), row!["user"] === null ? null : Number(row!["user"]), row!["song"], (row!["price"] as number).toFixed(2), appendedAt] as const)
      .sort(([a, b], [c, d]) => a - c || b - d);
  const run = () => w.batch({ views: [], catalog }).run({}, signal);
  const read = async () => (await rowsOf(w, `SELECT count(*), count(DISTINCT _partition, _offset) ${ofDate}`))[0]!.map(Number);
  try {
    await ingestMore(40);
    const first = published(await run());
    const counts = [expected(first).length];
    await expect.poll(read).toEqual([counts[0], counts[0]]);

    let isOver = false;
    const seen: number[] = [];
    const reading = (async () => {
      while (!isOver) {
        const [rows, places] = await read();
        expect(places).toBe(rows);
        if (seen.at(-1) !== rows) seen.push(rows!);
      }
    })();
    const running = (async () => {
      // More of the date is committed: nobody sees it before it is published.
      await ingestMore(20);
      expect(w.placed.filter(isOfDate).length).toBeGreaterThan(counts[0]!);
      expect(await read()).toEqual([counts[0], counts[0]]);
      const second = published(await run());
      counts.push(expected(second).length);
      await expect.poll(read).toEqual([counts[1], counts[1]]);
      const rows = await rowsOf(w, `SELECT _partition, _offset, unix_millis(ts), user, song, CAST(price AS STRING), unix_millis(_appended_at) ${ofDate} ORDER BY _partition, _offset`);
      expect(rows).toEqual(expected(second));
      const { files: parts, version } = second.tables.find(({ name }) => name === "play_events")!.versions[DATE]!;
      expect([parts.length, version]).toEqual([1, "2-0"]);
    })();
    await Promise.race([reading, running]);
    await running.finally(() => (isOver = true));
    await reading;
    expect(seen).toEqual(counts);
    // A file of each segment, in the master dataset.
    expect((await files.list(`master/plays/date=${DATE}`, signal)).length).toBe(15);

    const [[plan]] = (await rowsOf(w, `EXPLAIN SELECT song ${ofDate}`)) as [[string]];
    expect(plan).toMatch(new RegExp(`PartitionFilters: \\[[^\\]]*\\(millrace_date#\\d+ = ${DATE}\\)`));
  } finally {
    await rowsOf(w, `DROP DATABASE IF EXISTS ${database} CASCADE`);
    await w.close();
    await files.close();
    await remove();
  }
});
