import { Client } from "cassandra-driver";
import { expect, inject, it } from "vitest";
import { startMetastore } from "../metastore/start-metastore.js";
import { remains } from "../testing/remains.js";
import { runOnPresto } from "./run-on-presto.js";
import { startPresto } from "./start-presto.js";

it("Presto reads tables of HDFS and of Cassandra in one statement, and comes back after it was killed", async () => {
  const hdfs = inject("hdfs");
  const cassandra = inject("cassandra");
  const client = new Client({ contactPoints: [...cassandra.contactPoints], localDataCenter: cassandra.localDataCenter, protocolOptions: { port: cassandra.port } });
  await using metastore = await startMetastore({ hdfs });
  const presto = await startPresto({ hdfs, metastore, cassandra });
  const pids = [presto.node.pid!];
  const run = (sql: string): ReturnType<typeof runOnPresto> => runOnPresto(presto, sql, AbortSignal.timeout(120_000));
  try {
    expect(await run("SHOW CATALOGS")).toEqual([["cassandra"], ["hive"], ["memory"], ["system"]]);
    await client.execute("CREATE KEYSPACE presto_words WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute("CREATE TABLE presto_words.words (id bigint PRIMARY KEY, word text)");
    await client.execute("INSERT INTO presto_words.words (id, word) VALUES (1, 'new')");
    await run("CREATE SCHEMA hive.presto_words");
    await run("CREATE TABLE hive.presto_words.words AS SELECT BIGINT '0' AS id, 'old' AS word");
    const both = "SELECT id, word FROM hive.presto_words.words UNION ALL SELECT id, word FROM cassandra.presto_words.words ORDER BY id";
    const expected = [[0, "old"], [1, "new"]];
    // Presto looks for new keyspaces every second or two.
    await expect.poll(() => run(both).catch(String)).toEqual(expected);

    await presto.node.kill();
    expect([presto.node.running, remains(pids, [])]).toEqual([false, []]);
    await expect(run("SELECT 1")).rejects.toThrow("fetch failed");
    await presto.node.start();
    pids.push(presto.node.pid!);
    expect(await run(both)).toEqual(expected);
    await expect(run("SELECT word FROM hive.presto_words.nothing")).rejects.toThrow(/Table hive.presto_words.nothing does not exist/);
  } finally {
    await client.shutdown();
    await presto.stop();
  }
  expect(remains(pids, [presto.runDir])).toEqual([]);
});
