import { rmSync } from "node:fs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { collectRows, decimal, float64, int64, text, timestamp, type Columns, type FileSystem } from "@millrace/core";
import { faultPlan, faulty, sinkConformance, type FaultPlan } from "@millrace/core/testing";
import { hdfsFileSystem } from "../hdfs/hdfs-file-system.js";
import { kitFolder } from "../hdfs/testing/kit-folder.js";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { hiveEngine } from "./hive-engine.js";
import { hiveSink } from "./hive-sink.js";

const never = new AbortController().signal;
const { webAddress, user, uri } = inject("hdfs");
const root = temporaryRoot("hive-sink");
const local = localFileSystem({ root });
const kit = kitFolder(webAddress, user);
const hdfs = hdfsFileSystem({ nameNodes: [webAddress], user, root: kit.root, fileSystemUri: uri });
const engine = hiveEngine({ files: local, ...inject("spark") });
const database = `s${process.pid}_${Date.now().toString(36)}`;
afterAll(async () => {
  await rowsOf(`DROP DATABASE IF EXISTS ${database} CASCADE`);
  await Promise.all([engine.close(), hdfs.close()]);
  await kit.remove();
  rmSync(root, { recursive: true });
});

const rowsOf = (sql: string) => collectRows(engine, sql, never);

interface Row {
  readonly n: number;
  readonly words: string;
}

describe("hiveSink", () => {
  let subjects = 0;
  sinkConformance<Row>(it, async () => {
    const table = `kit${subjects++}`;
    let plan: FaultPlan | undefined;
    const write: FileSystem["write"] = (path, signal) => (plan === undefined ? hdfs : faulty("files", hdfs, plan)).write(path, signal);
    const files: FileSystem = { ...hdfs, write };
    const open = () => hiveSink<Row>({ files, engine, database, table, columns: { n: int64(), words: text() }, partition: { column: "third", of: ({ n }) => `${n % 3}` } });
    return {
      sink: open(),
      row: (n, isLarge) => ({ n, words: isLarge === true ? `${n}`.padEnd(1_000_000, "☃") : "it's" }),
      readBack: async () => {
        const tables = await rowsOf(`SHOW TABLES IN ${database} LIKE '${table}'`);
        return tables.length === 0 ? [] : (await rowsOf(`SELECT n, words FROM ${database}.${table}`)).map(([n, words]) => ({ n: n as number, words: words as string }));
      },
      reopen: async () => open(),
      disturb: async (how) => {
        plan = faultPlan([{ n: 0, fault: how === "fails" ? "fails-before" : "hangs" }]);
        return async () => {
          plan = undefined;
        };
      },
      limitMs: 60_000,
    };
  });

  const open = (columns: Columns) => hiveSink<object>({ files: local, engine, database, table: "evolving", columns });
  const batch = (from: number, rows: readonly object[]) => ({ id: `t/v1-p0/${from}`, topic: "t", logVersion: 1, partition: 0, from, until: from + rows.length, rows });

  it("keeps every type, takes columns that were added, and refuses another type before it writes", async () => {
    const first = { big: int64("bigint"), money: decimal(2, "string"), at: timestamp("ms"), Words: text().optional() };
    await open(first).write(batch(0, [{ big: 2n ** 63n - 1n, money: "-92233720368547758.08", at: new Date(-1), Words: null }]), never);
    const second = { ...first, x: float64().optional() };
    await open(second).write(batch(1, [{ big: 1n, money: "0", at: new Date(1), Words: "a", x: 0.1 }]), never);
    expect(await rowsOf(`SELECT big, money, at, Words, x FROM ${database}.evolving ORDER BY big`)).toEqual([
      [1, "0.00", 1, "a", 0.1],
      [9223372036854775807n, "-92233720368547758.08", -1, null, null],
    ]);
    const before = await local.list(`sinks/${database}/evolving`, never);
    expect(before).toHaveLength(2);
    await expect(open({ ...first, big: text() }).write(batch(2, [{ big: "1", money: "0", at: new Date(1), Words: "a" }]), never)).rejects.toMatchObject({ code: "CATALOG_CONFLICT" });
    const parted = hiveSink<object>({ files: local, engine, database, table: "evolving", columns: first, partition: { column: "date", of: () => "2026-01-01" } });
    await expect(parted.write(batch(2, [{ big: 1n, money: "0", at: new Date(1), Words: "a" }]), never)).rejects.toMatchObject({ code: "CATALOG_CONFLICT" });
    expect(await local.list(`sinks/${database}/evolving`, never)).toEqual(before);
  });

  it("names what it writes of a partition, and refuses rows that have none", async () => {
    const sink = hiveSink<{ readonly day: string }>({ files: local, engine, database, table: "parted", columns: { n: int64().optional() }, partition: { column: "day", of: ({ day }) => day } });
    await sink.write({ ...batch(7, [{ day: "it's 100%/1" }, { day: "b" }, { day: "b" }]), topic: "_t" } as never, never);
    expect((await local.list(`sinks/${database}/parted`, never)).map(({ path }) => path.split("/parted/")[1])).toEqual(["day=b/v1-p0-0000000000000007-_t.parquet", "day=it's%20100%25%2F1/v1-p0-0000000000000007-_t.parquet"]);
    expect(await rowsOf(`SELECT day, count(*) FROM ${database}.parted GROUP BY day ORDER BY day`)).toEqual([["b", 2], ["it's 100%/1", 1]]);
    expect(() => hiveSink({ files: local, engine, table: "t", columns: {}, partition: { column: "_day", of: () => "" } })).toThrow("cannot be the column of partitions");
    expect(await rowsOf(`SELECT count(*) FROM ${database}.parted WHERE day = 'it\\'s 100%/1'`)).toEqual([[1]]);
    await expect(sink.write(batch(9, [{ day: "" }]) as never, never)).rejects.toThrow('a row has "" for the partition "day"');
  });
});
