import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Servers } from "../kafka/servers.js";
import { seenAt } from "../latency/seen-at.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { PARTITIONS } from "../listen-events/listen-events.js";
import { latencyOf, type Latency } from "../measure/latency.js";
import type { RunTask } from "../task/tasks.js";
import { installPeer } from "./install-peer.js";
import { argumentsOf } from "./measure-peer.js";
import type { Peer } from "./peer.js";
import { PeerProcess } from "./peer-process.js";

export interface PacedFigures {
  /** From when a record was produced, or due, to its result. */
  readonly visible: Latency;
  /** From when a record was due to when Kafka had it: what the machine is busy with besides shows here. */
  readonly confirmed: Latency;
  /** What was watched, and how many of it. */
  readonly what: string;
  readonly results: number;
  /** CPU seconds a second, of the peer and of Kafka. */
  readonly cpuShare: number;
  readonly serversCpuShare: number;
  readonly peakMb: number;
}

export const EVENTS_PER_SECOND = 5_000;
/** Compilers need a while: the first half of the events is not counted. */
const MAX_SECONDS = 60;
const LIMIT_MS = 600_000;

export interface PacedCourse {
  readonly events: number;
  readonly directory: string;
  readonly servers: Servers;
  readonly serversCpuMs: () => number;
  readonly run: RunTask;
  readonly log: (line: string) => void;
}

/** Events come at an even pace; what is counted are those of the second half. */
export async function measurePaced(peer: Peer, { events, directory, servers, serversCpuMs, run, log }: PacedCourse): Promise<PacedFigures> {
  const { paced, program } = peer;
  if (paced === undefined || program.kind === "task") throw new RangeError(`measuring the latency of peer "${peer.name}": it has no such mode`);
  const { file, args } = await installPeer(program, (line) => log(`  ${line}`));
  const own = join(directory, `${peer.name}-paced`);
  await mkdir(own);
  const count = Math.min(events, MAX_SECONDS * EVENTS_PER_SECOND);
  const warmUpMs = (count * 500) / EVENTS_PER_SECOND;
  const settings = { ...paced.settings, mode: "latency", events: count, directory: own, bootstrap: servers.brokers.join(","), topic: LISTEN_EVENTS };
  const process = new PeerProcess(peer.name, { file, args: [...args, ...argumentsOf(settings)] }, LIMIT_MS);
  try {
    await process.expect("ready");
    const producing = run("produce-at-pace", { brokers: servers.brokers, events: count, eventsPerSecond: EVENTS_PER_SECOND });
    // Whoever fails first is told; the other is waited for below.
    producing.catch(() => {});
    await delay(warmUpMs);
    process.answer();
    await process.expect("start");
    const look = () => ({ wall: performance.now(), cpu: process.usage().cpuMs, servers: serversCpuMs() });
    const begun = look();
    process.answer();
    await process.expect("stop");
    const { records } = await producing;
    const ended = look();
    process.answer();
    const message = await process.next();
    if (message?.event !== "result") throw new Error(`running peer "${peer.name}": it had no result`);
    const result = message.result as { readonly latenciesMs?: readonly number[]; readonly sights?: readonly KafkaSight[] };
    const first = records[0]!.dueAt;
    const latencies =
      result.latenciesMs ??
      (() => {
        const sights = result.sights!.map(({ at, until }) => ({ at, until: Float64Array.from({ length: PARTITIONS }, (_, partition) => until[LISTEN_EVENTS]![partition] ?? 0) }));
        return records.filter(({ dueAt }) => dueAt >= first + warmUpMs).map((record) => seenAt(record, sights) - record.dueAt);
      })();
    const wall = ended.wall - begun.wall;
    return {
      visible: latencyOf(latencies),
      confirmed: latencyOf(records.filter(({ dueAt }) => dueAt >= first + warmUpMs).map(({ dueAt, appendedAt }) => appendedAt - dueAt)),
      what: paced.visible,
      results: latencies.length,
      cpuShare: (ended.cpu - begun.cpu) / wall,
      serversCpuShare: (ended.servers - begun.servers) / wall,
      peakMb: process.peakMb,
    };
  } finally {
    await process.close();
  }
}

/** All below these offsets had its result then, as Spark says it: by topic and partition. */
interface KafkaSight {
  readonly at: number;
  readonly until: Readonly<Record<string, Readonly<Record<number, number>>>>;
}
