import { readFileSync } from "node:fs";
import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";
import { startCassandra } from "../cassandra/start-cassandra.js";
import { HDFS_USER } from "../hdfs/hdfs-settings.js";
import { startHdfs } from "../hdfs/start-hdfs.js";
import { startKafka } from "../kafka/start-kafka.js";
import { startSpark } from "../spark/start-spark.js";
import type { ProvidedCassandra, ProvidedHdfs, ProvidedKafka, ProvidedSpark } from "./provided-servers.js";

/** What tests get, and what ends it where it was started for them. */
interface Shared<T> {
  readonly provided: T;
  readonly stop?: () => Promise<void>;
}

type Name = keyof ProvidedContext;

/** A server that runs already (`npm run servers -- up`) and is to be used instead of one of their own is named by `MILLRACE_TEST_<NAME>`: `host:port`. */
const START: { readonly [N in Name]: (named: string | undefined) => Promise<Shared<ProvidedContext[N]>> } = { kafka: sharedKafka, cassandra: sharedCassandra, hdfs: sharedHdfs, spark: sharedSpark };

/** Starts what the `*.servers.test.ts` that are to run share, once for a run, and stops it after the last. */
export default async function startSharedServers(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => void (await Promise.all(stops.map((stop) => stop())));
  const start = async <N extends Name>(name: N): Promise<void> => {
    const { provided, stop } = await START[name](process.env[`MILLRACE_TEST_${name.toUpperCase()}`] || undefined);
    if (stop) stops.push(stop);
    project.provide(name, provided);
  };
  const results = await Promise.allSettled(wantedBy(project.vitest.state.getPaths()).map(start));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stopAll();
    throw failed.reason;
  }
  return stopAll;
}

/** The servers that test files inject. */
function wantedBy(files: readonly string[]): readonly Name[] {
  const texts = files.map((file) => readFileSync(file, "utf8"));
  return (Object.keys(START) as Name[]).filter((name) => texts.some((text) => text.includes(`inject("${name}")`)));
}

async function sharedKafka(named: string | undefined): Promise<Shared<ProvidedKafka>> {
  if (named !== undefined) return { provided: { bootstrap: named } };
  const { bootstrap, stop } = await startKafka();
  return { provided: { bootstrap }, stop };
}

async function sharedCassandra(named: string | undefined): Promise<Shared<ProvidedCassandra>> {
  if (named !== undefined) {
    const { host, port } = addressOf(named, 9042);
    return { provided: { contactPoints: [host], port, localDataCenter: "datacenter1" } };
  }
  const { contactPoints, port, localDataCenter, stop } = await startCassandra();
  return { provided: { contactPoints, port, localDataCenter }, stop };
}

/** The address that names one is that of WebHDFS, which knows the other. */
async function sharedHdfs(named: string | undefined): Promise<Shared<ProvidedHdfs>> {
  if (named !== undefined) {
    const { host, port } = addressOf(named, 9870);
    const webUrl = `http://${host}:${port}`;
    const answer = await fetch(`${webUrl}/conf?name=fs.defaultFS`, { headers: { accept: "application/json" } });
    const { property } = (await answer.json()) as { readonly property: { readonly value: string } };
    // It calls itself by its name, also where an address was written down.
    return { provided: { uri: `hdfs://${host}:${new URL(property.value).port}`, webUrl, webAddress: `${host}:${port}`, user: HDFS_USER } };
  }
  const { uri, webUrl, webAddress, user, stop } = await startHdfs();
  return { provided: { uri, webUrl, webAddress, user }, stop };
}

async function sharedSpark(named: string | undefined): Promise<Shared<ProvidedSpark>> {
  if (named !== undefined) return { provided: addressOf(named, 10_000) };
  const { host, port, stop } = await startSpark();
  return { provided: { host, port }, stop };
}

function addressOf(named: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const [host, port] = named.split(":") as [string, string | undefined];
  return { host, port: Number(port ?? defaultPort) };
}
