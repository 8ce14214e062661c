import { kafkaLog, kafkaWorkerGroup } from "@millrace/core/kafka";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { deliver, embedded, type Grid, type Output, type Platform } from "millrace";
import { cluster } from "millrace/cluster";
import { authEvents } from "../streams/auth-events.js";
import { userLoginSink } from "./user-login-sink.js";

/** Where the pipeline runs: its ports, and what it delivers there. */
export interface Deployment {
  readonly platform: Platform;
  readonly outputs: readonly Output[];
  /** Segments of the log. Default: Millrace's. */
  readonly grid?: Partial<Grid>;
}

/** The environment variables of a deployment, each with its default. */
export const DEPLOYMENT_VARIABLES = {
  /** `embedded`: this machine, no server. `kafka-cassandra`: log and speed layer on servers, files and SQL on this machine. `cluster`: everything on servers. */
  MILLRACE_PLATFORM: "embedded",
  /** `host:port` of some brokers, comma between. */
  MILLRACE_KAFKA: "127.0.0.1:9092",
  /** `host:port` of some nodes, comma between. */
  MILLRACE_CASSANDRA: "127.0.0.1:9042",
  MILLRACE_CASSANDRA_DATA_CENTER: "datacenter1",
  /** Created with one copy where it does not exist. */
  MILLRACE_KEYSPACE: "music_events",
  /** `host:port` of WebHDFS of the NameNodes, comma between. */
  MILLRACE_HDFS: "127.0.0.1:9870",
  /** What Spark calls HDFS. */
  MILLRACE_HDFS_URI: "hdfs://127.0.0.1:8020",
  MILLRACE_HDFS_ROOT: "/music-events",
  MILLRACE_HDFS_USER: "hdfs",
  /** `host:port` of the Spark Thrift Server. */
  MILLRACE_HIVE: "127.0.0.1:10000",
  /** The database of the tables that SQL users see. */
  MILLRACE_DATABASE: "music_events",
  /** `host:port` of a Presto, for merged views in its schema `hive.serving`. Empty: none. */
  MILLRACE_PRESTO: "",
} as const;

type Variable = keyof typeof DEPLOYMENT_VARIABLES;

/**
 * The deployment that the environment names. Opens nothing.
 *
 * @throws {RangeError} when there is no such platform, or an address is none.
 */
export function deploymentOf(environment: Readonly<Record<string, string | undefined>>, dataDir: string): Deployment {
  const variable = (name: Variable): string => environment[name] || DEPLOYMENT_VARIABLES[name];
  const kind = variable("MILLRACE_PLATFORM");
  if (kind === "embedded") return { platform: embedded(dataDir), outputs: [] };
  if (kind !== "kafka-cassandra" && kind !== "cluster") throw new RangeError(`MILLRACE_PLATFORM is "${kind}": there are embedded, kafka-cassandra and cluster`);

  const kafka = { brokers: list(variable("MILLRACE_KAFKA")) };
  const localDataCenter = variable("MILLRACE_CASSANDRA_DATA_CENTER");
  const access = { contactPoints: list(variable("MILLRACE_CASSANDRA")), localDataCenter, keyspace: variable("MILLRACE_KEYSPACE") };
  const cassandra = { ...access, replication: { [localDataCenter]: 1 } };
  const outputs = [deliver(authEvents, userLoginSink(access), ({ userId, ...login }) => (userId === null ? undefined : { userId, ...login }))];
  if (kind === "kafka-cassandra") return { platform: { ...embedded(dataDir), log: kafkaLog(kafka), store: cassandraStore(cassandra), workers: kafkaWorkerGroup(kafka) }, outputs };

  const hdfs = { nameNodes: list(variable("MILLRACE_HDFS")), fileSystemUri: variable("MILLRACE_HDFS_URI"), root: variable("MILLRACE_HDFS_ROOT"), user: variable("MILLRACE_HDFS_USER") };
  const hive = { ...server("MILLRACE_HIVE", variable("MILLRACE_HIVE")), database: variable("MILLRACE_DATABASE") };
  const presto = variable("MILLRACE_PRESTO");
  return { platform: cluster({ kafka, cassandra, hdfs, hive, ...(presto === "" ? {} : { presto: server("MILLRACE_PRESTO", presto) }) }), outputs };
}

const list = (addresses: string): readonly string[] => addresses.split(",").map((address) => address.trim()).filter((address) => address !== "");

function server(name: Variable, address: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^([^:\s]+):(\d{1,5})$/.exec(address.trim()) ?? [];
  if (host === undefined) throw new RangeError(`${name} is "${address}": it must be host:port`);
  return { host, port: Number(port) };
}
