import type { TestProject } from "vitest/node";
import { startCassandra } from "../cassandra/start-cassandra.js";
import { startKafka } from "../kafka/start-kafka.js";
import type { ProvidedCassandra, ProvidedKafka } from "./provided-servers.js";

/** Names the address of a broker that runs already (`npm run servers -- up kafka`), to be used by tests instead of one of their own. */
const KAFKA = "MILLRACE_TEST_KAFKA";
/** The same for a Cassandra node: `host:port`. */
const CASSANDRA = "MILLRACE_TEST_CASSANDRA";

/** Starts what all `*.servers.test.ts` share, once for a run, and stops it after the last. */
export default async function startSharedServers(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => void (await Promise.all(stops.map((stop) => stop())));
  const results = await Promise.allSettled([
    sharedKafka(stops).then((kafka) => project.provide("kafka", kafka)),
    sharedCassandra(stops).then((cassandra) => project.provide("cassandra", cassandra)),
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stopAll();
    throw failed.reason;
  }
  return stopAll;
}

async function sharedKafka(stops: (() => Promise<void>)[]): Promise<ProvidedKafka> {
  const named = process.env[KAFKA];
  if (named !== undefined && named !== "") return { bootstrap: named };
  const { bootstrap, stop } = await startKafka();
  stops.push(stop);
  return { bootstrap };
}

async function sharedCassandra(stops: (() => Promise<void>)[]): Promise<ProvidedCassandra> {
  const named = process.env[CASSANDRA];
  if (named !== undefined && named !== "") {
    const [host, port] = named.split(":") as [string, string | undefined];
    return { contactPoints: [host], port: Number(port ?? 9042), localDataCenter: "datacenter1" };
  }
  const { contactPoints, port, localDataCenter, stop } = await startCassandra();
  stops.push(stop);
  return { contactPoints, port, localDataCenter };
}
