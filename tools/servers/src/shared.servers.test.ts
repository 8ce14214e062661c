import { Client } from "cassandra-driver";
import { Kafka, logLevel } from "kafkajs";
import { expect, inject, it } from "vitest";
import { runOnPresto } from "./presto/run-on-presto.js";
import { runOnSpark } from "./spark/run-on-spark.js";
import { list, readFile, writeFile } from "./testing/web-hdfs.js";

it("gives every test one broker that answers", async () => {
  const { bootstrap } = inject("kafka");
  const admin = new Kafka({ brokers: bootstrap.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: "servers-shared", numPartitions: 2, replicationFactor: 1 }] });
    await expect.poll(() => admin.listTopics()).toContain("servers-shared");
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: "servers-shared", configNames: ["message.timestamp.type"] }] });
    expect(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue])).toEqual([["message.timestamp.type", "LogAppendTime"]]);
  } finally {
    await admin.disconnect();
  }
});

// region shared
it("gives every test one node that answers", async () => {
  const { contactPoints, port, localDataCenter } = inject("cassandra");
  const client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port } });
  try {
    const row = (await client.execute("SELECT release_version, cluster_name FROM system.local")).first();
    expect({ ...row }).toEqual({ release_version: "5.0.8", cluster_name: "millrace" });
  } finally {
    await client.shutdown();
  }
});
// endregion

it("gives every test one HDFS that takes and gives files, and one Spark that reads them", async () => {
  const { webUrl, webAddress, uri, user } = inject("hdfs");
  expect([webUrl, user]).toEqual([`http://${webAddress}`, "hdfs"]);
  await writeFile(webUrl, "/servers-shared/words.txt", "a\nb\n");
  expect(await list(webUrl, "/servers-shared")).toEqual(["words.txt"]);
  expect(await readFile(webUrl, "/servers-shared/words.txt")).toBe("a\nb\n");
  expect(await runOnSpark(inject("spark"), `SELECT value FROM text.\`${uri}/servers-shared/words.txt\` ORDER BY value`, AbortSignal.timeout(120_000))).toEqual(["a", "b"]);
});

it("gives every test one Presto, which reads what Spark has written and what is in Cassandra", async () => {
  const [spark, presto] = [inject("spark"), inject("presto")];
  const signal = AbortSignal.timeout(120_000);
  await runOnSpark(spark, "CREATE TABLE servers_shared USING PARQUET AS SELECT CAST(9007199254740991 AS BIGINT) AS n, TIMESTAMP '2024-02-29 12:34:56.789' AS at", signal);
  expect(await runOnPresto(presto, "SELECT n, at FROM hive.default.servers_shared", signal)).toEqual([[9007199254740991, "2024-02-29 12:34:56.789"]]);
  expect(await runOnPresto(presto, "SELECT release_version FROM cassandra.system.local", signal)).toEqual([["5.0.8"]]);
  await runOnSpark(spark, "DROP TABLE servers_shared", signal);
});
