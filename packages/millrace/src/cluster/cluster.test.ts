import { ConfigurationError } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { cluster, type ClusterOptions } from "./cluster.js";

const options: ClusterOptions = {
  kafka: { brokers: ["kafka-1:9092"] },
  cassandra: { contactPoints: ["cassandra-1"], localDataCenter: "datacenter1", keyspace: "shop" },
  hdfs: { nameNodes: ["nn1:9870"], root: "/shop", fileSystemUri: "hdfs://nn1:8020" },
  hive: { host: "spark", database: "shop" },
};

describe("cluster", () => {
  it("has every port on a server, and roles that any number of processes share", () => {
    const { log, store, files, engine, catalog, workers, roles, newTopicPartitions } = cluster({ ...options, newTopicPartitions: 6 });
    expect([log.name, store.name, files.name, engine.name, catalog?.name, workers?.name, roles, newTopicPartitions]).toEqual(["kafka", "cassandra", "hdfs", "hive", "hive:shop", "kafka", undefined, 6]);
    expect(files.uri("master/x")).toBe("hdfs://nn1:8020/shop/master/x");
    expect(cluster(options)).not.toHaveProperty("newTopicPartitions");
  });

  it("has merged views where a Presto is named, over the tables of its database", () => {
    expect(cluster(options)).not.toHaveProperty("mergedViews");
    const { engine, ...place } = cluster({ ...options, presto: { host: "presto", port: 8082 } }).mergedViews!;
    expect([engine.name, place]).toEqual(["presto", { catalog: "hive", schema: "serving", tables: "shop", speedCatalog: "cassandra", aheadMs: 129_600_000 }]);
    expect(cluster({ ...options, presto: { dialect: "trino", catalog: "lake", mergedSchema: "bi", cassandraCatalog: "speed", aheadMs: 1 } }).mergedViews).toMatchObject({ catalog: "lake", schema: "bi", speedCatalog: "speed", aheadMs: 1 });
  });

  it("tells everything that is wrong at once", () => {
    const wrong = () =>
      cluster({
        kafka: { brokers: [] },
        cassandra: { contactPoints: [], localDataCenter: "", keyspace: "shop", shards: 0 },
        hdfs: { nameNodes: [], root: "/shop", fileSystemUri: "" },
        hive: {},
      });
    expect(wrong).toThrow(ConfigurationError);
    expect(wrong).toThrow(
      [
        "making the platform of a cluster:",
        "kafka.brokers: it is empty",
        "cassandra.contactPoints: it is empty",
        "cassandra.localDataCenter: it is empty",
        "hdfs.fileSystemUri: it is empty",
        'cassandra: making store "cassandra": shards is 0, a positive integer is needed',
        "hdfs: hdfsFileSystem needs at least one address in `nameNodes`",
      ].join("\n  "),
    );
  });
});
