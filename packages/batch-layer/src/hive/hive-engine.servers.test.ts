import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { afterAll, describe, expect, inject, it } from "vitest";
import { collectRows, cellSql, defineStream, defineView, int64, sum, timestamp } from "@millrace/core";
import { duckdbEngine } from "../duckdb/duckdb-engine.js";
import { localFileSystem } from "../local/local-file-system.js";
import { temporaryRoot } from "../testing/temporary-root.js";
import { hiveEngine } from "./hive-engine.js";
import { sparkDialect } from "./spark-dialect.js";

const server = inject("spark");
const root = temporaryRoot("hive");
const files = localFileSystem({ root });
const engine = hiveEngine({ files, ...server });
const never = new AbortController().signal;
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true });
});

const rowsOf = (sql: string, by: Pick<typeof engine, "query"> = engine) => collectRows(by, sql, never);

describe("hiveEngine", () => {
  it("gives every type back as it was written, and DuckDB reads the files alike", async () => {
    const select =
      "SELECT 9223372036854775807 AS big, CAST(-3 AS INT) AS small, CAST('123.45' AS DECIMAL(18, 5)) AS money, timestamp_millis(-9000000000001) AS before, timestamp_millis(1700000000123) AS instant, " +
      "'it\\'s ☃' AS words, true AS yes, CAST('NaN' AS DOUBLE) AS nan, CAST('-Infinity' AS DOUBLE) AS low, CAST('-0.0' AS DOUBLE) AS zero, map(5, 7L, 1, 9223372036854775807L) AS sketch, X'00ff' AS raw, CAST(NULL AS STRING) AS nothing, DATE'2024-02-29' AS day";
    const { files: parts, rows } = await engine.writeTable(select, "tables/types/version=1", never);
    expect(rows).toBe(1);
    const expected = [
      9223372036854775807n, -3, "123.45000", -9000000000001, 1700000000123, "it's ☃", true, NaN, -Infinity, -0, [[1, 9223372036854775807n], [5, 7]], new Uint8Array([0, 255]), null, "2024-02-29",
    ];
    const result = await engine.query(select, never);
    expect(result.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "big BIGINT", "small INT", "money DECIMAL(18,5)", "before TIMESTAMP", "instant TIMESTAMP", "words STRING", "yes BOOLEAN", "nan DOUBLE", "low DOUBLE", "zero DOUBLE", "sketch MAP<INT,BIGINT>", "raw BINARY", "nothing STRING", "day DATE",
    ]);
    const direct: unknown[] = [];
    for await (const block of result.blocks) direct.push(...block);
    expect(direct).toEqual([expected]);
    const columns = Object.fromEntries(result.columns.map(({ name, type }) => [name, type]));
    expect(await rowsOf(`SELECT * FROM ${sparkDialect.scan(parts.map(({ path }) => files.uri(path)), columns)}`)).toEqual([expected]);
    const duckdb = duckdbEngine({ files });
    expect(await rowsOf(`SELECT * FROM read_parquet('${files.uri(parts[0]!.path)}', hive_partitioning = false)`, duckdb)).toEqual([expected]);
    await duckdb.close();
  });

  it("tells what the server says of a failed statement, without its stack", async () => {
    const failed = rowsOf("SELECT CAST(x AS BIGINT) + 1 FROM VALUES ('9223372036854775807') t(x)");
    await expect(failed).rejects.toMatchObject({ code: "SQL", retryable: false, message: expect.stringMatching(/^running SQL on "hive": .*\[ARITHMETIC_OVERFLOW\] .*SQLSTATE: 22003/) as string });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining("\tat ") as string });
    await expect(engine.writeTable("SELECT CAST(x AS BIGINT) AS n FROM VALUES ('1'), ('no number') t(x)", "failed/version=1", never)).rejects.toMatchObject({
      message: expect.stringMatching(/\[CAST_INVALID_INPUT\] The value 'no number'/) as string,
    });
    expect(await files.list("failed", never)).toEqual([]);
  });

  it("leaves nothing behind when a table is aborted while tasks write it", async () => {
    const controller = new AbortController();
    const writing = engine.writeTable("SELECT id AS n, sha2(CAST(id AS STRING), 256) AS s FROM range(0, 40000000, 1, 400)", "aborted/version=1", controller.signal);
    await expect.poll(() => readdirSync(root, { recursive: true }).filter((file) => String(file).includes("part-")).length).toBeGreaterThan(0);
    controller.abort(new Error("enough"));
    await expect(writing).rejects.toThrow("enough");
    expect(await files.list("aborted", never)).toEqual([]);
    expect(await rowsOf("SELECT 1")).toEqual([[1]]);
  });

  it("fails where a file of a scan is gone, and reads hundreds of files", async () => {
    const { files: parts, rows } = await engine.writeTable("SELECT /*+ REPARTITION(300) */ id AS n FROM range(3000)", "many/version=1", never);
    expect([rows, parts.length]).toEqual([3000, 300]);
    const scan = (uris: readonly string[]) => sparkDialect.scan(uris, { n: "BIGINT" });
    const uris = parts.map(({ path }) => files.uri(path));
    expect(await rowsOf(`SELECT count(*), sum(n) FROM ${scan(uris)}`)).toEqual([[3000, 4498500]]);
    await files.remove(parts[7]!.path, never);
    // By a view that the session has kept, and by one that is made anew.
    await expect(rowsOf(`SELECT count(*) FROM ${scan(uris)}`)).rejects.toThrow("FILE_NOT_EXIST");
    await expect(rowsOf(`SELECT count(*) FROM ${scan(uris)}`)).rejects.toThrow("PATH_NOT_FOUND");
  });

  it("sums wider than 64 bits in between, and fails where the sum is wider", async () => {
    const stream = defineStream({ topic: "t", columns: { at: timestamp("ms"), n: int64("bigint") }, eventTime: "at" });
    const view = defineView({ name: "v", from: stream, by: [], every: "hour", measures: (c) => ({ total: sum(c.n) }) });
    const total = cellSql(view.definition.cells[0]!, stream.definition.columns, sparkDialect);
    expect(await rowsOf(`SELECT ${total} FROM VALUES (9223372036854775807L), (9223372036854775807L), (-9223372036854775807L) t(n)`)).toEqual([[9223372036854775807n]]);
    await expect(rowsOf(`SELECT ${total} FROM VALUES (9223372036854775807L), (1L) t(n)`)).rejects.toThrow("CAST_OVERFLOW");
  });

  it("makes the surrogate keys that DuckDB makes", async () => {
    const [row] = await rowsOf(`SELECT ${sparkDialect.surrogateKey(["1"])}`);
    expect(BigInt(row![0] as bigint)).toBe(BigInt(`0x${createHash("md5").update("1:1").digest("hex").slice(0, 15)}`));
  });

  it("gives up on a server that never answers", async () => {
    // A server that wants SASL closes on a client without it, or leaves it waiting.
    const silent = hiveEngine({ files, ...server, auth: "NOSASL", connectTimeoutMs: 500 });
    await expect(rowsOf("SELECT 1", silent)).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringMatching(/session/) as string });
    const empty = hiveEngine({ files, ...server, password: "" });
    await expect(rowsOf("SELECT 1", empty)).rejects.toMatchObject({ code: "HIVE_AUTHENTICATION", retryable: false });
    const nobody = hiveEngine({ files, host: "127.0.0.1", port: 1 });
    await expect(rowsOf("SELECT 1", nobody)).rejects.toMatchObject({ code: "UNAVAILABLE", retryable: true });
    await Promise.all([silent, empty, nobody].map((each) => each.close()));
  });
});
