import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Totals } from "../decode-fold/totals.js";
import type { Servers } from "../kafka/servers.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { median } from "../measure/quantile.js";
import type { RunTask } from "../task/tasks.js";
import { checkPeer } from "./check-peer.js";
import { installPeer } from "./install-peer.js";
import type { Peer } from "./peer.js";
import { runRounds, type Round, type Rounds } from "./run-rounds.js";

/** What a peer took for its events: medians of the rounds after the first of each process, which is cold. */
export interface PeerFigures {
  readonly events: number;
  /** How many rounds the medians are of. */
  readonly rounds: number;
  readonly cpuSecondsPerMillion: number;
  /** Of Kafka, and of Cassandra where that is what it writes to. */
  readonly serversCpuSecondsPerMillion: number;
  readonly eventsPerSecond: number;
  readonly coldCpuSecondsPerMillion: number;
  /** The largest of its processes. */
  readonly peakMb: number;
  /** `agree`, with how; or why they differ. */
  readonly results: string;
}

/** What peers are measured on. */
export interface Course {
  readonly events: number;
  /** Of one process. The first is cold. */
  readonly rounds: number;
  readonly directory: string;
  readonly servers: Servers;
  /** Of the servers' processes until now. */
  readonly serversCpuMs: () => number;
  readonly parquet: string;
  readonly expected: Totals;
  readonly run: RunTask;
  readonly log: (line: string) => void;
}

/** What one process of a peer took, and its results in words. */
export interface PeerRun extends Rounds {
  readonly results: string;
}

/**
 * Runs a peer in a new process.
 *
 * @param pass its number among the processes of this peer
 * @throws {Error} when its results are not those of the baseline, and it has no known reason.
 */
export async function runPeer(peer: Peer, pass: number, course: Course): Promise<PeerRun> {
  const directory = join(course.directory, `${peer.name}-${pass}`);
  await mkdir(directory);
  try {
    const { rounds, peakMb } = peer.program.kind === "task" ? await runTask(peer, pass, course, directory) : await runProgram(peer, course, directory);
    return { rounds, peakMb, results: rounds.map((round) => checkPeer(peer, round, course.expected)).at(-1)! };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @param runs at least one, each of the same events */
export function peerFigures(runs: readonly PeerRun[], events: number): PeerFigures {
  const cold = runs.map(({ rounds }) => rounds[0]!);
  const warm = runs.flatMap(({ rounds }) => (rounds.length > 1 ? rounds.slice(1) : rounds));
  const perMillion = (of: readonly Round[], ms: (round: Round) => number) => (median(of.map(ms)) * 1_000) / events;
  return {
    events,
    rounds: warm.length,
    cpuSecondsPerMillion: perMillion(warm, ({ cpuMs }) => cpuMs),
    serversCpuSecondsPerMillion: perMillion(warm, ({ serversCpuMs }) => serversCpuMs),
    eventsPerSecond: (events * 1_000) / median(warm.map(({ wallMs }) => wallMs)),
    coldCpuSecondsPerMillion: perMillion(cold, ({ cpuMs }) => cpuMs),
    peakMb: Math.max(...runs.map(({ peakMb }) => peakMb)),
    results: runs.at(-1)!.results,
  };
}

async function runProgram(peer: Peer, { events, rounds, servers, serversCpuMs, parquet, log }: Course, directory: string): Promise<Rounds> {
  if (peer.program.kind === "task") throw new RangeError(`running peer "${peer.name}": it is no program`);
  const { file, args } = await installPeer(peer.program, (line) => log(`  ${line}`));
  const settings = { ...peer.settings, events, rounds, directory, ...(peer.input === "kafka" ? { bootstrap: servers.brokers.join(","), topic: LISTEN_EVENTS } : { parquet }) };
  return runRounds(peer.name, { file, args: [...args, ...argumentsOf(settings)] }, serversCpuMs);
}

/** As programs of peers take them. */
export const argumentsOf = (settings: Readonly<Record<string, string | number>>): string[] => Object.entries(settings).map(([name, value]) => `${name}=${value}`);

/** Servers work for all rounds of a task together, with making the tables and adding up what is served. */
async function runTask(peer: Peer, pass: number, { events, rounds, servers, serversCpuMs, parquet, run }: Course, directory: string): Promise<Rounds> {
  const before = serversCpuMs();
  const measured = await (() => {
    switch ((peer.program as { readonly task: string }).task) {
      case "speed-servers":
        return run("speed-servers", { ...servers, keyspace: `peers_${pass}`, directory, rounds });
      case "read-kafkajs":
        return run("read-kafkajs", { brokers: servers.brokers, events, rounds, what: "fold" });
      default:
        return run("query-parquet", { parquet, rounds });
    }
  })();
  const each = (serversCpuMs() - before) / rounds;
  return { rounds: measured.rounds.map((taken) => ({ ...taken, serversCpuMs: each, totals: measured.totals, dropped: 0 })), peakMb: measured.peakMb };
}
