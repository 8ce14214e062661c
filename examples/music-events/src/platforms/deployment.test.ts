import { expect, it } from "vitest";
import { deploymentOf } from "./deployment.js";

it("is this machine alone unless the environment says otherwise", () => {
  const { platform, outputs } = deploymentOf({}, "./data");
  expect([platform.log.name, platform.store.name, platform.workers, outputs]).toEqual(["lmdb", "lmdb", undefined, []]);
  expect(deploymentOf({ MILLRACE_PLATFORM: "" }, "./data").platform.log.name).toBe("lmdb");
});

it("has the log and the speed layer on servers, and files and SQL on this machine", () => {
  const { platform, outputs } = deploymentOf({ MILLRACE_PLATFORM: "kafka-cassandra" }, "./data");
  expect([platform.log.name, platform.store.name, platform.workers?.name, platform.files.name, platform.engine.name]).toEqual(["kafka", "cassandra", "kafka", "local", "duckdb"]);
  expect(outputs.map(({ sink }) => sink.name)).toEqual(["cassandra.user_login"]);
});

it("has everything on servers", () => {
  const { platform, outputs } = deploymentOf({ MILLRACE_PLATFORM: "cluster", MILLRACE_HDFS_ROOT: "/music" }, "./data");
  expect([platform.log.name, platform.store.name, platform.workers?.name, platform.files.name, platform.engine.name, platform.catalog?.name]).toEqual(["kafka", "cassandra", "kafka", "hdfs", "hive", "hive:music_events"]);
  expect([platform.files.uri("tables"), platform.roles, outputs.length]).toEqual(["hdfs://127.0.0.1:8020/music/tables", undefined, 1]);
});

it("has merged views where a Presto is named", () => {
  const of = (environment: Record<string, string>) => deploymentOf({ MILLRACE_PLATFORM: "cluster", ...environment }, "./data").platform.mergedViews;
  expect(of({ MILLRACE_PRESTO: "" })).toBeUndefined();
  expect(of({ MILLRACE_PRESTO: "presto:8082", MILLRACE_DATABASE: "music" })).toMatchObject({ engine: { name: "presto" }, catalog: "hive", schema: "serving", tables: "music", speedCatalog: "cassandra" });
  expect(() => of({ MILLRACE_PRESTO: "presto" })).toThrow('MILLRACE_PRESTO is "presto": it must be host:port');
  expect(() => of({ MILLRACE_HIVE: "spark:thrift" })).toThrow('MILLRACE_HIVE is "spark:thrift": it must be host:port');
});

it("says of all addresses that are missing", () => {
  const missing = { MILLRACE_PLATFORM: "cluster", MILLRACE_KAFKA: " ,", MILLRACE_CASSANDRA: ",", MILLRACE_HDFS: " " };
  expect(() => deploymentOf(missing, "./data")).toThrow(/kafka\.brokers: it is empty\n +cassandra\.contactPoints: it is empty\n +hdfs: /);
});

it("says which platforms there are where it does not know one", () => {
  expect(() => deploymentOf({ MILLRACE_PLATFORM: "cloud" }, "./data")).toThrow('MILLRACE_PLATFORM is "cloud": there are embedded, kafka-cassandra and cluster');
});
