import { findJava } from "@millrace/servers";
import { ClusterMemoryError, ClusterPortsError } from "./cluster-errors.js";
import type { ClusterPart, ClusterPorts } from "./cluster-parts.js";
import { isFree, portOwner } from "./port-owner.js";

/** A laptop's other programs, MB. */
const SPARE_MB = 500;

/** @throws {ClusterPortsError} with every port that somebody else has, and who */
export async function checkPorts(parts: readonly ClusterPart[], ports: ClusterPorts): Promise<void> {
  const wanted = parts.flatMap((part) => Object.keys(part.ports).map((flag) => ({ part: part.name, port: ports[flag]! })));
  const taken = (await Promise.all(wanted.map(async (each) => ((await isFree(each.port)) ? [] : [each])))).flat();
  if (taken.length === 0) return;
  const lines = await Promise.all(taken.map(async ({ part, port }) => `\n  ${port} of ${part}: ${(await portOwner(port)) ?? "another program"} listens there`));
  throw new ClusterPortsError(`starting the cluster: ports are taken${lines.join("")}`, { advice: "stop what uses them, or move all ports: npm run cluster -- up --port-offset 20000" });
}

/** @throws {ClusterMemoryError} what is to be started takes more than is free */
export function checkMemory(parts: readonly ClusterPart[], freeMb: number): void {
  const neededMb = parts.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  if (neededMb + SPARE_MB <= freeMb) return;
  const smaller = parts.filter(({ name }) => name === "airflow" || name === "superset" || name === "presto").map(({ name }) => name);
  throw new ClusterMemoryError(`starting ${parts.map(({ name }) => name).join(", ")}: that takes about ${neededMb} MB, and ${Math.round(freeMb)} MB are free`, {
    advice: `close other programs${smaller.length === 0 ? "" : `; leave parts out: --without ${smaller.join(",")}`}; or start all the same: --no-memory-check`,
  });
}

const JAVA_PARTS = ["kafka", "cassandra", "hdfs", "metastore", "spark", "presto"];

/** @throws {MissingToolError} there is no Java 17, which is told before anything is started */
export async function checkJava(parts: readonly ClusterPart[], signal: AbortSignal): Promise<void> {
  const needing = parts.filter(({ name }) => JAVA_PARTS.includes(name));
  if (needing.length > 0) await findJava(needing.map(({ name }) => name).join(", "), { from: 17, to: 17 }, process.env, signal);
}
