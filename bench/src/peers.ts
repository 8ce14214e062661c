import { startCassandra, startKafka } from "@millrace/servers";
import { loadavg } from "node:os";
import { measureVisible } from "./kafka.js";
import type { Servers } from "./kafka/servers.js";
import { inTemporaryDirectory } from "./measure/in-temporary-directory.js";
import { choosePeers } from "./peers/choose-peers.js";
import { installPeer } from "./peers/install-peer.js";
import { measurePaced } from "./peers/measure-paced.js";
import { peerFigures, runPeer, type PeerFigures, type PeerRun } from "./peers/measure-peer.js";
import type { Peer } from "./peers/peer.js";
import { pacedTable, peerLine, peerTable, type PacedLine } from "./peers/peer-table.js";
import { peers } from "./peers/peers.js";
import { treeUsage } from "./peers/process-tree.js";
import type { BenchOptions } from "./task/bench-options.js";
import { inOwnProcess } from "./task/in-own-process.js";
import type { RunTask } from "./task/tasks.js";

export interface PeersFigures {
  readonly peers: Readonly<Record<string, PeerFigures>>;
  readonly paced: Readonly<Record<string, Omit<PacedLine, "name">>>;
}

/** Of one process: the first is cold. */
const ROUNDS = 2;
/** Engines that write what they read back to Kafka need a broker with some room. */
const KAFKA_HEAP_MB = 1_024;
/** As Kafka is shipped: Quix Streams takes event times back from topics that it has made itself. The topic of the events says for itself that its times are the broker's. */
const KAFKA_SETTINGS = { "log.message.timestamp.type": "CreateTime" };

/**
 * The engines that one would take instead of Millrace, on the same events in the same Kafka, each as its users would write
 * and set it up; batch engines on the same events in a Parquet file. Then some of them while events come at an even pace.
 *
 * @throws {Error} when the results of a peer are not those of the baseline, and it has no known reason.
 */
export async function benchPeers({ events, log, run = inOwnProcess, rounds = 3, only }: BenchOptions): Promise<PeersFigures> {
  const chosen = choosePeers(peers, only);
  log(`peers: ${events} listen events to five views, medians of ${rounds} processes of each, which take turns, each with a cold round before; CPU is that of all processes of a peer, that of Kafka and Cassandra beside`);
  // Before anything else takes time: this system may not do, or a tool may be missing.
  treeUsage(process.pid);
  for (const { program } of chosen) if (program.kind !== "task") await installPeer(program, (line) => log(`  ${line}`));
  const measured: { readonly peer: Peer; readonly figures: PeerFigures }[] = [];
  for (const count of new Set(chosen.map(({ mostEvents = events }) => Math.min(events, mostEvents)))) {
    const these = chosen.filter(({ mostEvents = events }) => Math.min(events, mostEvents) === count);
    const runs = new Map<string, PeerRun[]>(these.map(({ name }) => [name, []]));
    await withServers(these.some(writesToCassandra), (servers, serversCpuMs) =>
      inTemporaryDirectory(async (directory) => {
        await run("fill-topic", { brokers: servers.brokers, events: count });
        const { totals: expected } = await run("read-kafkajs", { brokers: servers.brokers, events: count, rounds: 1, what: "fold" });
        const parquet = these.some(({ input }) => input === "parquet") ? (await run("write-parquet", { directory, events: count })).parquet : "";
        for (let pass = 0; pass < rounds; pass++) {
          for (const peer of these) {
            const load = loadavg()[0]!;
            const done = await runPeer(peer, pass, { events: count, rounds: ROUNDS, directory, servers, serversCpuMs, parquet, expected, run, log });
            runs.get(peer.name)!.push(done);
            log(peerLine(pass, peer, peerFigures([done], count), load));
          }
        }
      }),
    );
    for (const peer of these) measured.push({ peer, figures: peerFigures(runs.get(peer.name)!, count) });
  }
  const paced = await measureAllPaced(chosen, { events, run, log });
  for (const line of peerTable(measured)) log(line);
  if (paced.length > 0) {
    log("  5,000 events a second:");
    for (const line of pacedTable(paced)) log(line);
  }
  log("  totals of all peers agree, but where it says why not");
  return {
    peers: Object.fromEntries(measured.map(({ peer, figures }) => [peer.name, figures])),
    paced: Object.fromEntries(paced.map(({ name, ...figures }) => [name, figures])),
  };
}

const writesToCassandra = ({ program }: Peer): boolean => program.kind === "task" && program.task === "speed-servers";

async function measureAllPaced(chosen: readonly Peer[], { events, run, log }: { readonly events: number; readonly run: RunTask; readonly log: (line: string) => void }) {
  const paced: PacedLine[] = [];
  const ours = chosen.find(writesToCassandra);
  if (ours !== undefined) {
    const { visible, confirmed, cpuShare } = await withServers(true, (servers) => inTemporaryDirectory((directory) => measureVisible({ events, run }, servers, directory)));
    paced.push({ name: ours.name, visible, confirmed, cpuShare, what: "in an answer of the serving layer, durable in Cassandra" });
  }
  const others = chosen.filter((peer) => peer.paced !== undefined);
  if (others.length === 0) return paced;
  await withServers(false, (servers, serversCpuMs) =>
    inTemporaryDirectory(async (directory) => {
      await run("fill-topic", { brokers: servers.brokers, events: 0 });
      for (const peer of others) paced.push({ name: peer.name, ...(await measurePaced(peer, { events, directory, servers, serversCpuMs, run, log })) });
    }),
  );
  return paced;
}

/** A broker with nothing in it, and a node of Cassandra where that is needed; gone after `use`. */
async function withServers<T>(cassandra: boolean, use: (servers: Servers, serversCpuMs: () => number) => Promise<T>): Promise<T> {
  const [kafka, store] = await Promise.all([startKafka({ heapMb: KAFKA_HEAP_MB, settings: KAFKA_SETTINGS }), cassandra ? startCassandra() : undefined]);
  try {
    const pids = [...kafka.brokers, ...(store?.nodes ?? [])].map(({ pid }) => pid!);
    const { contactPoints, port, localDataCenter } = store ?? { contactPoints: [], port: 0, localDataCenter: "" };
    return await use({ brokers: kafka.bootstrap.split(","), cassandra: { contactPoints, port, localDataCenter } }, () => pids.reduce((sum, pid) => sum + treeUsage(pid).cpuMs, 0));
  } finally {
    await Promise.all([kafka.stop(), store?.stop()]);
  }
}
