import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { systemClock } from "@millrace/core";
import { createServing } from "@millrace/serving-layer";
import { createSpeedLayer } from "@millrace/speed-layer";
import { setTimeout as delay } from "node:timers/promises";
import { fiveMinuteViews, fiveViews } from "../decode-fold/five-views.js";
import { servedTotals } from "../embedded/served-totals.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { PARTITIONS } from "../listen-events/listen-events.js";
import { peakMb } from "../measure/measure-run.js";
import { openServers, type Servers } from "./servers.js";

export interface WatchVisibleParams extends Servers {
  readonly keyspace: string;
  readonly directory: string;
  /** Of all producers. */
  readonly events: number;
}

/** What was visible at an instant, epoch ms: of each partition all below an offset. */
export interface Seen {
  readonly at: number;
  readonly until: readonly number[];
}

/** Pause between an answer and the next question. */
const PAUSE_MS = 2;

/** Keeps the views and asks for one all the time, until an answer holds every event. */
export async function watchVisible({ keyspace, directory, events, ...servers }: WatchVisibleParams) {
  const { signal } = new AbortController();
  const ports = openServers(servers, keyspace, directory);
  const { log, store, files, clock } = ports;
  await log.createTopic(LISTEN_EVENTS, { partitions: PARTITIONS }, signal);
  await store.prepare(fiveViews, signal);
  const engine = duckdbEngine({ files });
  const serving = createServing({ log, store, files, engine, clock, views: fiveMinuteViews });
  const stop = new AbortController();
  const speed = createSpeedLayer({ log, store, files, clock, timers: systemClock(), views: fiveViews, workerId: "bench" });
  const running = speed.run(stop.signal);
  await speed.caughtUp(signal);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const seen: Seen[] = [];
  for (let reached = 0; reached < events; ) {
    const { rows, envelope } = await serving.query("plays_minute", { from: Date.now() - 3_600_000, until: Date.now() + 86_400_000 });
    reached = envelope.asOf.reduce((sum, { offset }) => sum + offset, 0);
    const plays = rows.reduce((sum, row) => sum + row.plays, 0);
    if (plays < reached || plays > events) throw new Error(`asking while events come: the answer counts ${plays} events as of offsets that add up to ${reached}`);
    const until = new Array<number>(PARTITIONS).fill(0);
    for (const { partition, offset } of envelope.asOf) until[partition] = offset;
    seen.push({ at: performance.timeOrigin + performance.now(), until });
    await delay(PAUSE_MS);
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuShare = (user + system) / 1_000 / (performance.now() - started);
  const totals = await servedTotals(ports);
  stop.abort();
  await running;
  await serving.close();
  await engine.close();
  await ports.close();
  return { seen, cpuShare, peakMb: peakMb(), totals };
}
