import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, inject, it, onTestFinished } from "vitest";
import { remains } from "../testing/remains.js";
import { list } from "../testing/web-hdfs.js";
import { runOnSpark } from "./run-on-spark.js";
import { startSpark } from "./start-spark.js";

it("Spark reads HDFS and this machine; metastore and Thrift Server are killed and come back with the tables", async () => {
  const hdfs = inject("hdfs");
  const spark = await startSpark({ hdfs });
  const metastore = spark.metastore!;
  const pids = [spark.thrift.pid!, metastore.node.pid!];
  const run = (sql: string): Promise<readonly string[]> => runOnSpark(spark, sql, AbortSignal.timeout(120_000));
  try {
    expect(metastore.warehouse).toBe(`${hdfs.uri}/user/hive/warehouse`);
    await run("CREATE TABLE words USING PARQUET AS SELECT 'a' AS word");
    expect((await list(hdfs.webUrl, "/user/hive/warehouse/words")).length).toBeGreaterThan(0);
    const local = await mkdtemp(path.join(os.tmpdir(), "millrace-spark-test-"));
    onTestFinished(() => rm(local, { recursive: true, force: true }));
    await writeFile(path.join(local, "words.txt"), "b\nc\n");
    expect(await run(`SELECT value FROM text.\`file://${local}/words.txt\` ORDER BY value`)).toEqual(["b", "c"]);

    await metastore.node.kill();
    expect([metastore.node.running, spark.thrift.running]).toEqual([false, true]);
    expect(await run("SELECT 'no table'")).toEqual(["no table"]);
    await metastore.node.start();
    expect(await run("SELECT word FROM words")).toEqual(["a"]);

    await spark.thrift.kill();
    await expect(run("SELECT 'nobody'")).rejects.toThrow(/ECONNREFUSED/);
    await spark.thrift.start();
    expect(await run("SELECT word FROM words")).toEqual(["a"]);
    expect(await run("SET spark.sql.shuffle.partitions")).toEqual(["spark.sql.shuffle.partitions"]);
    await run("DROP TABLE words");
    pids.push(spark.thrift.pid!, metastore.node.pid!);
  } finally {
    await spark.stop();
  }
  expect(remains(pids, [spark.runDir, metastore.runDir])).toEqual([]);
});
