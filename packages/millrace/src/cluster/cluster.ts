import { Problems, systemClock, type Clock, type MergedViewsServer, type Platform } from "@millrace/core";
import { kafkaLog, kafkaWorkerGroup, type KafkaLogOptions, type KafkaWorkerGroupOptions } from "@millrace/core/kafka";
import { hdfsFileSystem, type HdfsFileSystemOptions } from "@millrace/batch-layer/hdfs";
import { hiveCatalog, hiveEngine, type HiveCatalogOptions, type HiveEngineOptions } from "@millrace/batch-layer/hive";
import { prestoEngine, type PrestoEngineOptions } from "@millrace/serving-layer/presto";
import { cassandraStore, type CassandraStoreOptions } from "@millrace/speed-layer/cassandra";

/** Where the servers of a cluster are. Each part takes what its port takes on its own. */
export interface ClusterOptions {
  /** Kafka: log and worker groups. */
  readonly kafka: KafkaLogOptions & Pick<KafkaWorkerGroupOptions, "client" | "sessionTimeoutMs" | "groupPrefix">;
  /** Cassandra: the speed layer's rows. */
  readonly cassandra: CassandraStoreOptions;
  /** HDFS: master dataset, tables, generations. `fileSystemUri` is what the Spark server calls it. */
  readonly hdfs: HdfsFileSystemOptions & Required<Pick<HdfsFileSystemOptions, "fileSystemUri">>;
  /** A Spark Thrift Server: SQL, and the tables of its metastore in `database`. */
  readonly hive: Omit<HiveEngineOptions, "files" | "clock"> & Pick<HiveCatalogOptions, "database" | "settleMs">;
  /**
   * A Presto on that metastore and that Cassandra: merged views, for SQL users, are replaced there at publication. Default:
   * none. `catalog` is its name for the metastore, "hive".
   */
  readonly presto?: Omit<PrestoEngineOptions, "schema" | "clock"> & {
    /** The schema of the merged views. Default "serving". */
    readonly mergedSchema?: string;
    /** Presto's name for the Cassandra. Default "cassandra". */
    readonly cassandraCatalog?: string;
    /** How long merged views work that are not replaced, ms. Default 36 hours. */
    readonly aheadMs?: number;
  };
  /** Partitions of topics that do not exist yet. Default: a missing topic is an error. */
  readonly newTopicPartitions?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/**
 * Everything on servers: the log in Kafka, the speed layer's rows in Cassandra, files in HDFS, SQL on a Spark Thrift Server,
 * and the published tables in its metastore. Any number of processes may share each role. Nothing is opened before first
 * use; `kafkajs`, `cassandra-driver` and `hive-driver` must be installed beside.
 *
 * @throws {ConfigurationError} with every part that cannot be used, each with its path.
 *
 * @example
 * cluster({
 *   kafka: { brokers: ["kafka-1:9092", "kafka-2:9092"] },
 *   cassandra: { contactPoints: ["cassandra-1"], localDataCenter: "datacenter1", keyspace: "shop" },
 *   hdfs: { nameNodes: ["nn1:9870"], user: "shop", root: "/shop", fileSystemUri: "hdfs://nn1:8020" },
 *   hive: { host: "spark", port: 10000, user: "shop", database: "shop" },
 * })
 */
export function cluster(options: ClusterOptions): Platform {
  const { kafka, cassandra, hdfs, hive, presto, newTopicPartitions, clock = systemClock() } = options;
  const problems = new Problems();
  const needed = (path: string, value: string | readonly string[] | undefined): void => {
    if (value === undefined || value.length === 0) problems.add(path, "it is empty");
  };
  if (kafka.client === undefined) needed("kafka.brokers", kafka.brokers);
  if (cassandra.client === undefined) {
    needed("cassandra.contactPoints", cassandra.contactPoints);
    needed("cassandra.localDataCenter", cassandra.localDataCenter);
  }
  needed("cassandra.keyspace", cassandra.keyspace);
  needed("hdfs.fileSystemUri", hdfs.fileSystemUri);
  const part = <T>(path: string, make: () => T): T => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.add(path, error.message);
      // Nobody gets it: what was found is thrown.
      return undefined as T;
    }
  };
  const store = part("cassandra", () => cassandraStore({ clock, ...cassandra }));
  const files = part("hdfs", () => hdfsFileSystem({ clock, ...hdfs }));
  problems.throwIfAny("making the platform of a cluster");

  const engine = hiveEngine({ clock, ...hive, files });
  return {
    log: kafkaLog(kafka),
    workers: kafkaWorkerGroup(kafka),
    store,
    files,
    engine,
    catalog: hiveCatalog({ clock, ...hive, files, engine }),
    clock,
    ...(presto === undefined ? {} : { mergedViews: mergedViewsServer(presto, hive.database ?? "millrace") }),
    ...(newTopicPartitions === undefined ? {} : { newTopicPartitions }),
  };
}

function mergedViewsServer({ mergedSchema = "serving", cassandraCatalog = "cassandra", aheadMs = 36 * 3_600_000, ...server }: NonNullable<ClusterOptions["presto"]>, tables: string): MergedViewsServer {
  const { catalog = "hive" } = server;
  // What polls and times out goes by real time.
  return { engine: prestoEngine({ ...server, schema: tables }), catalog, schema: mergedSchema, tables, speedCatalog: cassandraCatalog, aheadMs };
}
