import { readFileSync } from "node:fs";
import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";
import { startCassandra } from "../cassandra/start-cassandra.js";
import { HDFS_USER } from "../hdfs/hdfs-settings.js";
import { startHdfs } from "../hdfs/start-hdfs.js";
import { startKafka } from "../kafka/start-kafka.js";
import { startPresto } from "../presto/start-presto.js";
import { startSpark } from "../spark/start-spark.js";
import { startSuperset } from "../superset/start-superset.js";
import { SUPERSET_PASSWORD, SUPERSET_USER } from "../superset/superset-options.js";
import type { ProvidedCassandra, ProvidedHdfs, ProvidedKafka, ProvidedPresto, ProvidedSpark, ProvidedSuperset } from "./provided-servers.js";

/** What tests get, and what ends it where it was started for them. */
interface Shared<T> {
  readonly provided: T;
  readonly stop?: () => Promise<void>;
  /** What knows the tables, of a Spark. */
  readonly metastore?: { readonly uri: string };
}

/** Those that are started as well. */
type Others = <N extends Name>(name: N) => Promise<Shared<ProvidedContext[N]>> | undefined;

type Name = keyof ProvidedContext;

/** A server that runs already (`npm run servers -- up`) and is to be used instead of one of their own is named by `MILLRACE_TEST_<NAME>`: `host:port`. */
const START: { readonly [N in Name]: (named: string | undefined, others: Others) => Promise<Shared<ProvidedContext[N]>> } = {
  kafka: sharedKafka,
  cassandra: sharedCassandra,
  hdfs: sharedHdfs,
  spark: sharedSpark,
  presto: sharedPresto,
  superset: sharedSuperset,
};

/** What must be started for another. */
const NEEDS: Partial<Readonly<Record<Name, readonly Name[]>>> = { presto: ["spark"] };

/** Starts what the `*.servers.test.ts` that are to run share, once for a run, and stops it after the last. */
export default async function startSharedServers(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => void (await Promise.all(stops.map((stop) => stop())));
  const wanted = wantedBy(project.vitest.state.getPaths());
  const starting = new Map<Name, Promise<Shared<unknown>>>();
  const others = ((name: Name) => starting.get(name)) as Others;
  const start = async <N extends Name>(name: N): Promise<void> => {
    const started = START[name](process.env[`MILLRACE_TEST_${name.toUpperCase()}`] || undefined, others);
    starting.set(name, started);
    const { provided, stop } = await started;
    if (stop) stops.push(stop);
    project.provide(name, provided);
  };
  const results = await Promise.allSettled(wanted.map(start));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) {
    await stopAll();
    throw failed.reason;
  }
  return stopAll;
}

/** The servers that test files inject, and what those need: each after what it needs. */
function wantedBy(files: readonly string[]): readonly Name[] {
  const texts = files.map((file) => readFileSync(file, "utf8"));
  const names = Object.keys(START) as Name[];
  const injected = names.filter((name) => texts.some((text) => text.includes(`inject("${name}")`)));
  return names.filter((name) => injected.includes(name) || injected.some((each) => NEEDS[each]?.includes(name)));
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
  const { host, port, metastore, stop } = await startSpark();
  return { provided: { host, port }, stop, metastore: metastore! };
}

async function sharedPresto(named: string | undefined, others: Others): Promise<Shared<ProvidedPresto>> {
  if (named !== undefined) return { provided: addressOf(named, 8080) };
  const [spark, cassandra] = await Promise.all([others("spark"), others("cassandra")]);
  if (spark?.metastore === undefined) throw new RangeError("starting Presto for tests: with MILLRACE_TEST_SPARK the Presto on the same metastore must be named too, by MILLRACE_TEST_PRESTO");
  const { host, port, stop } = await startPresto({ metastore: spark.metastore, ...(cassandra === undefined ? {} : { cassandra: cassandra.provided }) });
  return { provided: { host, port }, stop };
}

async function sharedSuperset(named: string | undefined): Promise<Shared<ProvidedSuperset>> {
  if (named !== undefined) {
    const { host, port } = addressOf(named, 8089);
    return { provided: { url: `http://${host}:${port}`, user: SUPERSET_USER, password: SUPERSET_PASSWORD } };
  }
  const { url, user, password, stop } = await startSuperset();
  return { provided: { url, user, password }, stop };
}

function addressOf(named: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const [host, port] = named.split(":") as [string, string | undefined];
  return { host, port: Number(port ?? defaultPort) };
}
