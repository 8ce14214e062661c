import type { KnownServer } from "@millrace/servers";
import { KNOWN_SERVERS } from "@millrace/servers";
import { ClusterUsageError } from "./cluster-errors.js";

/** One part of the cluster: a server, or a process of the pipeline. */
export interface ClusterPart {
  readonly name: string;
  /** What it takes once it has worked for a while, all its processes together, MB. Measured: docs/guides/cluster.md. */
  readonly memoryMb: number;
  /** Its fixed ports: the flag that names each to the server, and the port of the reference pipeline. */
  readonly ports: Readonly<Record<string, number>>;
  /** Other flags of the server, as `npm run servers -- up` has them. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Parts it cannot work without, with what those need. */
  readonly needs?: readonly string[];
  /** Parts that are started before it where they belong to the cluster. */
  readonly after?: readonly string[];
  /** A page for people: the flag of its port, and who may log in. */
  readonly page?: { readonly title: string; readonly port: string; readonly path?: string; readonly login?: string };
}

const PLATFORM = ["kafka", "cassandra", "hdfs", "metastore", "spark"];

/** All of them, in the order in which they start. A new server is one line. */
export const CLUSTER_PARTS: readonly ClusterPart[] = [
  { name: "kafka", memoryMb: 700, ports: { kafkaPort: 9092 } },
  { name: "cassandra", memoryMb: 1_700, ports: { cassandraPort: 9042 }, flags: { nodes: "2" } },
  { name: "hdfs", memoryMb: 700, ports: { hdfsPort: 8020, webhdfsPort: 9870 }, page: { title: "HDFS NameNode", port: "webhdfsPort" } },
  { name: "metastore", memoryMb: 500, ports: { metastorePort: 9083 }, needs: ["hdfs"] },
  { name: "spark", memoryMb: 1_500, ports: { sparkPort: 10_000 }, needs: ["hdfs", "metastore"] },
  { name: "presto", memoryMb: 1_300, ports: { prestoPort: 8082 }, needs: ["hdfs", "metastore"], after: ["cassandra", "spark"], page: { title: "Presto", port: "prestoPort", path: "/ui/" } },
  { name: "airflow", memoryMb: 1_300, ports: { airflowPort: 8083 }, after: ["presto"], page: { title: "Airflow", port: "airflowPort", login: "airflow / airflow" } },
  { name: "superset", memoryMb: 600, ports: { supersetPort: 8089 }, after: ["presto"], page: { title: "Superset", port: "supersetPort", login: "admin / admin" } },
  { name: "simulator", memoryMb: 500, ports: {}, needs: ["kafka"], after: ["cassandra", "presto"] },
  { name: "ingest", memoryMb: 300, ports: { ingestPort: 4282 }, needs: PLATFORM, after: ["presto", "simulator"], page: { title: "metrics of ingest", port: "ingestPort", path: "/metrics" } },
  { name: "speed", memoryMb: 400, ports: { speedPort: 4281 }, needs: PLATFORM, after: ["presto", "simulator"], page: { title: "metrics of the speed layer", port: "speedPort", path: "/metrics" } },
  { name: "serving", memoryMb: 300, ports: { servingPort: 4280 }, needs: PLATFORM, after: ["presto", "simulator"], page: { title: "live page", port: "servingPort" } },
];

export const PART_NAMES = CLUSTER_PARTS.map(({ name }) => name);

/** What was asked for: nothing is everything. */
export interface Selection {
  readonly only?: readonly string[];
  readonly without?: readonly string[];
}

/**
 * The parts of a cluster, in their order. `only` takes with it what its parts need.
 *
 * @throws {ClusterUsageError} a part needs one that is left out
 */
export function selectParts({ only, without = [] }: Selection): readonly ClusterPart[] {
  const wanted = only === undefined ? PART_NAMES : [...only, ...CLUSTER_PARTS.filter(({ name }) => only.includes(name)).flatMap(({ needs = [] }) => needs)];
  const parts = CLUSTER_PARTS.filter(({ name }) => wanted.includes(name) && !without.includes(name));
  const broken = parts.flatMap(({ name, needs = [] }) => needs.filter((need) => without.includes(need)).map((need) => `${name} needs ${need}`));
  if (broken.length > 0) {
    const dependents = parts.filter(({ needs = [] }) => needs.some((need) => without.includes(need))).map(({ name }) => name);
    throw new ClusterUsageError(`leaving out ${without.join(", ")}: ${broken.join(", ")}`, { advice: `leave out what needs it as well: --without ${[...without, ...dependents].join(",")}` });
  }
  if (parts.length === 0) throw new ClusterUsageError("choosing parts: none is left", { advice: `there are ${PART_NAMES.join(", ")}` });
  return parts;
}

/** Ports by their flags, each moved by the offset. */
export type ClusterPorts = Readonly<Record<string, number>>;

/** The ports of all parts, whichever are started. @throws {ClusterUsageError} one is no port any more */
export function portsOf(offset: number): ClusterPorts {
  const ports = Object.fromEntries(CLUSTER_PARTS.flatMap((part) => Object.entries(part.ports)).map(([flag, port]) => [flag, port + offset]));
  const values = Object.values(ports);
  if (Math.min(...values) < 1_024 || Math.max(...values) > 65_535) throw new ClusterUsageError(`moving the ports by ${offset}: they would go from ${Math.min(...values)} to ${Math.max(...values)}`, { advice: "all must lie from 1024 to 65535" });
  return ports;
}

/** The server of a part, which starts after those that the part names. */
export function serverOf({ name, needs = [], after = [] }: ClusterPart, pipeline: readonly KnownServer[]): KnownServer {
  const server = [...KNOWN_SERVERS, ...pipeline].find((each) => each.name === name)!;
  return { ...server, uses: [...new Set([...(server.uses ?? []), ...needs, ...after])] };
}

/** The flags of every part, as `npm run servers -- up` has them. */
export const flagsOf = (ports: ClusterPorts): Readonly<Record<string, unknown>> => Object.assign({}, ...CLUSTER_PARTS.map(({ flags }) => flags ?? {}), ports) as Readonly<Record<string, unknown>>;
