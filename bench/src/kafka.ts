import { setTimeout as delay } from "node:timers/promises";
import { startCassandra, startKafka } from "@millrace/servers";
import { checkTotals } from "./decode-fold/totals.js";
import { goal, goalLine, type Goal } from "./measure/goal.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { latencyLine, latencyOf, type Latency } from "./measure/latency.js";
import { throughputLine, throughputOf, type Throughput } from "./measure/throughput.js";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { fiveViews } from "./decode-fold/five-views.js";
import { seenAt } from "./latency/seen-at.js";
import { LISTEN_EVENTS } from "./listen-events/fill-log.js";
import type { Servers } from "./kafka/servers.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";
import { startProcess } from "./task/start-process.js";

export interface KafkaFigures {
  readonly millrace: Throughput & { readonly rowsWritten: number; readonly flushes: number; readonly rowsPerSecond: number };
  readonly drain: Throughput;
  readonly jsonParse: Throughput;
  readonly append: { readonly cpuSecondsPerMillion: number; readonly eventsPerSecond: number };
  /** From when a record was due in the producer's process to the first answer that holds it. */
  readonly visible: Latency;
  readonly confirmed: Latency;
  readonly cpuShare: number;
  readonly restart: { readonly layerMs: number; readonly processMs: number; readonly records: number };
  readonly goals: readonly Goal[];
}

/** Where the servers come from: both start before `use`, with nothing in them, and are gone after it. */
export type WithServers = <T>(use: (servers: Servers) => Promise<T>) => Promise<T>;

const EVENTS_PER_SECOND = 5_000;
const MAX_SECONDS = 120;
/** A broker and a node that were just started compile what they run for so long. */
const WARM_UP_MS = 60_000;
/** Share of the topic that is there and durable when the worker is killed. */
const BEFORE = 0.97;

/** One broker and one node as plain processes on this machine. */
const withFreshServers: WithServers = async (use) => {
  const [kafka, cassandra] = await Promise.all([startKafka(), startCassandra()]);
  try {
    const { contactPoints, port, localDataCenter } = cassandra;
    return await use({ brokers: kafka.bootstrap.split(","), cassandra: { contactPoints, port, localDataCenter } });
  } finally {
    await Promise.all([kafka.stop(), cassandra.stop()]);
  }
};

/**
 * The speed layer from a real Kafka to rows in a real Cassandra, on this machine: a backlog with kafkajs alone beside it,
 * produce to visible in an answer, and `kill -9` to caught up. CPU is the worker's process; the servers take theirs beside.
 *
 * @throws {Error} when what is served is not what the baseline counted.
 */
export async function benchKafka({ events, log, run = inOwnProcess, rounds = 3 }: BenchOptions, withServers: WithServers = withFreshServers): Promise<KafkaFigures> {
  log(`kafka: ${events} listen events from Kafka to five views in Cassandra, medians of ${rounds} rounds after a cold one`);
  const backlog = await withServers((servers) =>
    inTemporaryDirectory(async (directory) => {
      const { brokers } = servers;
      const filled = await run("fill-topic", { brokers, events });
      const ours = await run("speed-servers", { ...servers, keyspace: "backlog", directory, rounds: rounds + 1 });
      const drained = await run("read-kafkajs", { brokers, events, rounds: rounds + 1, what: "drain" });
      const folded = await run("read-kafkajs", { brokers, events, rounds: rounds + 1, what: "fold" });
      checkTotals("the views in Cassandra", ours.totals, folded.totals);
      return { filled, ours, drained, folded };
    }),
  );
  const paced = await withServers((servers) => inTemporaryDirectory((directory) => measureVisible({ events, run }, servers, directory)));
  const restart = await withServers((servers) => inTemporaryDirectory((directory) => measureRestart(events, run, servers, directory, backlog.folded.totals)));

  const { filled, ours, drained, folded } = backlog;
  const throughput = throughputOf(ours.rounds, events, ours);
  const millrace = { ...throughput, rowsWritten: ours.rowsWritten, flushes: ours.flushes, rowsPerSecond: (ours.rowsWritten * throughput.eventsPerSecond) / events };
  const drain = throughputOf(drained.rounds, events, drained);
  const jsonParse = throughputOf(folded.rounds, events, folded);
  const append = { cpuSecondsPerMillion: (filled.cpuMs * 1_000) / events, eventsPerSecond: (events * 1_000) / filled.wallMs };
  const goals = [
    goal("CPU-s per million", millrace.cpuSecondsPerMillion, { most: 5 }),
    goal("peak, MB", millrace.ownPeakMb, { most: 300 }),
    goal("produce to visible p99, ms", paced.visible.p99Ms, { most: 110 }),
    goal("killed to caught up, ms", restart.layerMs, { most: 5_000 }),
  ];
  log(`${throughputLine("millrace, durable", millrace)}; ${millrace.rowsWritten.toLocaleString("en")} rows in ${millrace.flushes} flushes, ${Math.round(millrace.rowsPerSecond).toLocaleString("en")} rows/s`);
  log(throughputLine("kafkajs, drained", drain));
  log(throughputLine("kafkajs, JSON.parse and maps", jsonParse));
  log(`  ${"produce alone".padEnd(34)} ${append.cpuSecondsPerMillion.toFixed(3)} CPU-s per million, ${Math.round(append.eventsPerSecond).toLocaleString("en")} events/s`);
  log(`${latencyLine("produce to visible, 5,000/s", paced.visible)}; ${paced.cpuShare.toFixed(2)} CPU-s a second`);
  log(latencyLine("confirmed by Kafka", paced.confirmed));
  log(`  ${"kill -9 to caught up".padEnd(34)} ${Math.round(restart.layerMs)} ms (${Math.round(restart.processMs)} ms from the start of its process), ${restart.records.toLocaleString("en")} records folded`);
  for (const each of goals) log(goalLine(each));
  log("  totals of all views agree");
  return { millrace, drain, jsonParse, append, visible: paced.visible, confirmed: paced.confirmed, cpuShare: paced.cpuShare, restart, goals };
}

/** Events come at an even pace: from when a record was due to the first answer that holds it. */
export async function measureVisible({ events, run }: Required<Pick<BenchOptions, "events" | "run">>, servers: Servers, directory: string) {
  const paced = Math.min(events, MAX_SECONDS * EVENTS_PER_SECOND);
  const warmUpMs = Math.min(WARM_UP_MS, (paced / EVENTS_PER_SECOND) * 500);
  // The topic is there before both begin.
  await run("fill-topic", { brokers: servers.brokers, events: 0 });
  const watching = run("watch-visible", { ...servers, keyspace: "paced", directory, events: paced });
  const [{ seen, cpuShare }, { records }] = await Promise.all([watching, run("produce-at-pace", { brokers: servers.brokers, events: paced, eventsPerSecond: EVENTS_PER_SECOND })]);
  const first = records[0]!.dueAt;
  const counted = records.filter(({ dueAt }) => dueAt >= first + warmUpMs);
  const sights = seen.map(({ at, until }) => ({ at, until: Float64Array.from(until) }));
  return {
    visible: latencyOf(counted.map((record) => seenAt(record, sights) - record.dueAt)),
    confirmed: latencyOf(counted.map(({ dueAt, appendedAt }) => appendedAt - dueAt)),
    cpuShare,
  };
}

async function measureRestart(events: number, run: NonNullable<BenchOptions["run"]>, servers: Servers, directory: string, expected: Parameters<typeof checkTotals>[1]) {
  const { brokers } = servers;
  const before = Math.floor(events * BEFORE);
  await run("fill-topic", { brokers, events, until: before });
  // A process of its own in any case, for it is killed.
  const victim = startProcess("speed-servers", { ...servers, keyspace: "killed", directory, rounds: 1, forEver: true });
  const ended = new AbortController();
  victim.result.catch((error: unknown) => ended.abort(error));
  try {
    await awaitDurable(servers, "killed_0", before, ended.signal);
  } finally {
    await victim.kill();
  }
  await run("fill-topic", { brokers, events, from: before });
  const { rounds, caughtUpAtMs, records, totals } = await run("speed-servers", { ...servers, keyspace: "killed", directory, rounds: 1 });
  checkTotals("the views after a restart", totals, expected);
  return { layerMs: rounds[0]!.wallMs, processMs: caughtUpAtMs, records };
}

/** Resolves once the last view is durable up to `records` of the topic, all partitions together. */
async function awaitDurable({ cassandra }: Servers, keyspace: string, records: number, signal: AbortSignal): Promise<void> {
  const store = cassandraStore({ ...cassandra, keyspace, replication: { [cassandra.localDataCenter]: 1 } });
  const view = fiveViews.at(-1)!;
  try {
    await store.prepare([view], signal);
    for (;;) {
      const rows = await store.readProgress(view.fingerprint, LISTEN_EVENTS, signal);
      if (rows.reduce((sum, row) => sum + row.records, 0) >= records) return;
      await delay(20, undefined, { signal });
    }
  } finally {
    await store.close();
  }
}
