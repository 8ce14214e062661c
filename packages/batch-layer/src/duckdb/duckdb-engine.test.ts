import { collectRows } from "@millrace/core";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { duckdbDialect } from "./duckdb-dialect.js";
import { duckdbEngine } from "./duckdb-engine.js";

const root = temporaryRoot("duckdb");
const files = localFileSystem({ root });
const engine = duckdbEngine({ files });
const signal = new AbortController().signal;
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true });
});

const rowsOf = (sql: string) => collectRows(engine, sql, signal);

describe("duckdbEngine", () => {
  it("gives every type back as it was written", async () => {
    const select =
      "SELECT 9223372036854775807 AS big, 9007199254740991 AS safe, CAST(-3 AS INTEGER) AS small, 123.45000 :: DECIMAL(18, 5) AS money, " +
      "epoch_ms(-1) AS before, epoch_ms(1700000000123) :: TIMESTAMP WITH TIME ZONE AS instant, 'it''s ☃' AS words, true AS yes, " +
      "0.1 :: DOUBLE AS float, MAP {5: 7 :: BIGINT, 1: 9223372036854775807} AS sketch, '\\x00\\xFF' :: BLOB AS raw, NULL :: VARCHAR AS nothing, DATE '2024-02-29' AS day, " +
      "sum(x) AS total FROM (VALUES (9223372036854775807), (1)) t(x)";
    const written = await engine.writeTable(select, "tables/types/version=1", signal);
    expect(written).toEqual({ files: [{ path: "tables/types/version=1/part-0.parquet", bytes: expect.any(Number) as number }], rows: 1 });
    const result = await engine.query(`SELECT * EXCLUDE (total) FROM read_parquet('${files.uri("tables/types/version=1/part-0.parquet")}', hive_partitioning = false)`, signal);
    expect(result.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "big BIGINT", "safe BIGINT", "small INTEGER", "money DECIMAL(18,5)", "before TIMESTAMP", "instant TIMESTAMP WITH TIME ZONE", "words VARCHAR",
      "yes BOOLEAN", "float DOUBLE", "sketch MAP(INTEGER, BIGINT)", "raw BLOB", "nothing VARCHAR", "day DATE",
    ]);
    const rows: unknown[] = [];
    for await (const block of result.blocks) rows.push(...block);
    expect(rows).toEqual([
      [
        9223372036854775807n, 9007199254740991, -3, "123.45000", -1, 1700000000123, "it's ☃", true, 0.1,
        [[1, 9223372036854775807n], [5, 7]], new Uint8Array([0, 255]), null, "2024-02-29",
      ],
    ]);
  });

  it("says which statement failed", async () => {
    const failed = engine.query("SELECT nothing FROM nowhere", signal);
    await expect(failed).rejects.toMatchObject({ code: "SQL", statement: "SELECT nothing FROM nowhere", retryable: false });
    await expect(rowsOf("SELECT CAST(x AS BIGINT) FROM (SELECT CAST(9223372036854775807 AS HUGEINT) + range AS x FROM range(2))")).rejects.toMatchObject({ code: "SQL" });
  });
});

describe("duckdbDialect", () => {
  const { literal, scan, identifier } = duckdbDialect;

  it("prints literals that read back as they were", async () => {
    const values = ["it's", "a\0b", "", "\\", "☃\u{1F600}", 0, -1, 9007199254740991, 1e300, 0.1, -9223372036854775808n, 9223372036854775807n, true, false, null] as const;
    const [row] = await rowsOf(`SELECT ${values.map(literal).join(", ")}`);
    expect(row).toEqual(values);
    expect(await rowsOf(`SELECT ${literal(new Date("1969-12-31T23:59:59.999Z"))}`)).toEqual([[-1]]);
    expect(await rowsOf(`SELECT 1 AS ${identifier('a "b"')}`)).toEqual([[1]]);
  });

  it("reads files that lack a column, and no files at all", async () => {
    const { files: parts } = await engine.writeTable("SELECT 1 AS a, epoch_ms(5) :: TIMESTAMP WITH TIME ZONE AS t", "tables/scan/version=1", signal);
    const columns = { a: "BIGINT", missing: "VARCHAR", t: "TIMESTAMP WITH TIME ZONE" };
    expect(await rowsOf(`SELECT *, typeof(t) FROM ${scan(parts.map(({ path }) => files.uri(path)), columns)}`)).toEqual([[1, null, 5, "TIMESTAMP"]]);
    expect(await rowsOf(`SELECT * FROM ${scan([], columns)}`)).toEqual([]);
  });

  it("cuts time into windows, also before 1970", async () => {
    const instants = [-60_001, -60_000, -1, 0, 59_999, 60_000];
    const sql = `SELECT epoch_ms(${duckdbDialect.windowStart("epoch_ms(x)", 60_000)}), CAST(${duckdbDialect.dateOf("epoch_ms(x)")} AS VARCHAR) FROM (VALUES ${instants.map((x) => `(${x})`).join(", ")}) t(x)`;
    expect(await rowsOf(sql)).toEqual([
      [-120_000, "1969-12-31"], [-60_000, "1969-12-31"], [-60_000, "1969-12-31"], [0, "1970-01-01"], [0, "1970-01-01"], [60_000, "1970-01-01"],
    ]);
  });

  it("keeps the highest rank of a register, and counts buckets", async () => {
    const coordinates = [64 * 3 + 2, 64 * 3 + 9, 64 * 3 + 5, 64 * 4095 + 1, 0 * 64 + 52, null];
    const from = `FROM (VALUES ${coordinates.map((x) => `(${x})`).join(", ")}) t(x)`;
    expect(await rowsOf(`SELECT ${duckdbDialect.sketch("maxByKey", "x", undefined)}, ${duckdbDialect.sketch("maxByKey", "x", "x > 1000000")} ${from}`)).toEqual([
      [[[0, 52], [3, 9], [4095, 1]], []],
    ]);
    const buckets = "FROM (VALUES (7), (-2), (7), (NULL)) t(x)";
    expect(await rowsOf(`SELECT ${duckdbDialect.sketch("sumByKey", "x", undefined)}, ${duckdbDialect.sketch("sumByKey", "x", "x > 100")} ${buckets}`)).toEqual([[[[-2, 1], [7, 2]], []]]);
    // Sketches of several groups and plain aggregates stand side by side.
    expect(await rowsOf(`SELECT g, count(*), ${duckdbDialect.sketch("maxByKey", "x", "x <> 193")} FROM (VALUES (1, 192), (2, 193), (1, 195)) t(g, x) GROUP BY g ORDER BY g`)).toEqual([
      [1, 2, [[3, 3]]], [2, 1, []],
    ]);
  });

  it("makes keys that tell nulls, empty texts and borders apart", async () => {
    const key = (...columns: string[]) => duckdbDialect.surrogateKey(columns);
    const [row] = await rowsOf(`SELECT ${key("'ab'", "'c'")}, ${key("'a'", "'bc'")}, ${key("NULL", "''")}, ${key("''", "NULL")}, ${key("1")}`);
    expect(new Set(row).size).toBe(5);
    const md5 = createHash("md5").update("1:1").digest("hex");
    expect(BigInt(row![4] as bigint)).toBe(BigInt(`0x${md5.slice(0, 15)}`));
  });

  it("filters as SQL's three-valued logic does", async () => {
    const column = { source: { in: "value", path: ["n"] } } as const;
    const columns = {
      n: { ...column, kind: "int64", optional: true },
      d: { ...column, kind: "decimal", scale: 2, optional: false },
      t: { ...column, kind: "timestamp", unit: "ms", optional: false },
      s: { ...column, kind: "text", optional: false },
    } as const;
    const from = "FROM (VALUES (NULL, 1.50 :: DECIMAL(18, 2), epoch_ms(10), 'é'), (1, 2.25, epoch_ms(20), 'z')) v(n, d, t, s)";
    const passing = async (node: Parameters<typeof duckdbDialect.predicate>[0]) => (await rowsOf(`SELECT s ${from} WHERE ${duckdbDialect.predicate(node, columns)} ORDER BY t`)).flat();
    expect(await passing({ op: "ne", column: "n", value: 2 })).toEqual(["z"]);
    expect(await passing({ op: "not", of: { op: "in", column: "n", values: [] } })).toEqual(["z"]);
    expect(await passing({ op: "eq", column: "d", value: 150 })).toEqual(["é"]);
    expect(await passing({ op: "ge", column: "t", value: 11 })).toEqual(["z"]);
    // Texts compare as their UTF-8 bytes.
    expect(await passing({ op: "gt", column: "s", value: "z" })).toEqual(["é"]);
    expect(await passing({ op: "or", all: [{ op: "isNull", column: "n" }, { op: "in", column: "s", values: ["z", "y"] }] })).toEqual(["é", "z"]);
    expect(await passing({ op: "and", all: [] })).toEqual(["é", "z"]);
  });
});
