import type { ClusterPorts } from "./cluster-parts.js";

const MINUTE_MS = 60_000;
/** Segments of the log end at these; a full load must, too. */
const SEGMENT_MS = 15 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;

/** Where the servers are, for the pipeline's processes and for commands. Presto and Superset are named where they are among the parts. */
export function clusterEnvironment(ports: ClusterPorts, parts: readonly string[]): Readonly<Record<string, string>> {
  const [cql, webhdfs] = [ports["cassandraPort"], ports["webhdfsPort"]];
  return {
    MILLRACE_PLATFORM: "cluster",
    MILLRACE_KAFKA: `127.0.0.1:${ports["kafkaPort"]}`,
    MILLRACE_CASSANDRA: `127.0.0.1:${cql},127.0.0.2:${cql}`,
    MILLRACE_HDFS: `127.0.0.1:${webhdfs}`,
    MILLRACE_HDFS_URI: `hdfs://127.0.0.1:${ports["hdfsPort"]}`,
    MILLRACE_HIVE: `127.0.0.1:${ports["sparkPort"]}`,
    ...(parts.includes("presto") ? { MILLRACE_PRESTO: `127.0.0.1:${ports["prestoPort"]}` } : {}),
    ...(parts.includes("superset") ? { MILLRACE_SUPERSET_URL: `http://127.0.0.1:${ports["supersetPort"]}` } : {}),
  };
}

/** For Airflow's DAGs. @param startedAtMs when the cluster was made, epoch ms */
export function dagEnvironment(startedAtMs: number): Readonly<Record<string, string>> {
  return {
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: "False",
    // Before the first day nothing was received. The full load takes what the first minutes have brought, every midnight the rest.
    MILLRACE_START_DATE: instant(Math.floor(startedAtMs / DAY_MS) * DAY_MS),
    MILLRACE_FULL_LOAD_UNTIL: instant(Math.ceil((startedAtMs + 5 * MINUTE_MS) / SEGMENT_MS) * SEGMENT_MS),
  };
}

const instant = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "+00:00");
