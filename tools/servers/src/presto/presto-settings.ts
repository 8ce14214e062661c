import path from "node:path";
import type { PrestoOptions } from "./presto-options.js";

const HOST = "127.0.0.1";

/** `config.properties`. */
export function prestoSettings(options: PrestoOptions, home: string, catalogs: string, port: number): Readonly<Record<string, string>> {
  const heapMb = options.heapMb ?? 1024;
  return {
    coordinator: "true",
    "node-scheduler.include-coordinator": "true",
    "http-server.http.port": String(port),
    "discovery-server.enabled": "true",
    "discovery.uri": `http://${HOST}:${port}`,
    "query.max-memory": `${Math.floor(heapMb / 2)}MB`,
    "query.max-memory-per-node": `${Math.floor(heapMb / 4)}MB`,
    "query.max-total-memory-per-node": `${Math.floor(heapMb / 2)}MB`,
    "memory.heap-headroom-per-node": `${Math.floor(heapMb / 5)}MB`,
    "plugin.dir": path.join(home, "plugin"),
    "plugin.config-dir": catalogs,
    ...options.settings,
  };
}

/** The files of catalogs by name. `hadoop`: the file of settings of Hadoop. */
export function prestoCatalogs({ metastore, cassandra }: PrestoOptions, hadoop: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    memory: { "connector.name": "memory" },
    ...(metastore === undefined
      ? {}
      : {
          hive: {
            "connector.name": "hive-hadoop2",
            "hive.metastore.uri": metastore.uri,
            "hive.config.resources": hadoop,
            "hive.non-managed-table-writes-enabled": "true",
            // Else columns are told apart by their places in a file.
            "hive.parquet.use-column-names": "true",
            // By default those of Parquet files are taken for local time.
            "hive.time-zone": "UTC",
          },
        }),
    ...(cassandra === undefined
      ? {}
      : {
          cassandra: {
            "connector.name": "cassandra",
            "cassandra.contact-points": cassandra.contactPoints.join(","),
            "cassandra.native-protocol-port": String(cassandra.port),
            // That of the driver in it, which knows no newer one.
            "cassandra.protocol-version": "V4",
            "cassandra.consistency-level": "LOCAL_QUORUM",
          },
        }),
  };
}
