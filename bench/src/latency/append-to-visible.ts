import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock, type EventLog } from "@millrace/core";
import { lmdbLog } from "@millrace/core/lmdb";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { createServing } from "@millrace/serving-layer";
import { createSpeedLayer } from "@millrace/speed-layer";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import { fiveMinuteViews, fiveViews } from "../decode-fold/five-views.js";
import { MinuteMaps } from "../decode-fold/minute-maps.js";
import type { Totals } from "../decode-fold/totals.js";
import { servedTotals } from "../embedded/served-totals.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { PARTITIONS, listenEvents } from "../listen-events/listen-events.js";
import { latencyOf, type Latency } from "../measure/latency.js";
import { peakMb } from "../measure/measure-run.js";
import { appendAtPace, type PacedRecord } from "./append-at-pace.js";
import { seenAt, type Sight } from "./seen-at.js";

export interface AppendToVisibleParams {
  readonly directory: string;
  readonly events: number;
  readonly eventsPerSecond: number;
  /** Latencies of records scheduled earlier are not counted: code is being compiled then. */
  readonly warmUpMs: number;
}

/** Pause between an answer and the next question. */
const PAUSE_MS = 2;

/**
 * Appends at an even pace while views are kept and asked, all in this process. Every latency is from when the record was
 * due, however late its append was: nothing hides behind a stalled appender.
 */
export async function appendToVisible(params: AppendToVisibleParams) {
  const log = lmdbLog({ path: join(params.directory, "log") });
  const { signal } = new AbortController();
  await log.createTopic(LISTEN_EVENTS, { partitions: PARTITIONS }, signal);
  const served = await serve(log, params);
  const naive = await readNaively(params);
  await log.close();
  return { ...served, naive };
}

async function serve(log: EventLog, { directory, events, eventsPerSecond, warmUpMs }: AppendToVisibleParams) {
  const { signal } = new AbortController();
  const clock = systemClock();
  const store = lmdbViewStore({ path: join(directory, "store"), clock });
  const files = localFileSystem({ root: join(directory, "files") });
  const engine = duckdbEngine({ files });
  const serving = createServing({ log, store, files, engine, clock, views: fiveMinuteViews });
  const stop = new AbortController();
  const speed = createSpeedLayer({ log, store, files, clock, views: fiveViews, workerId: "bench" });
  const running = speed.run(stop.signal);
  await speed.caughtUp(signal);

  const asked = { from: Date.now() - 3_600_000, until: Date.now() + 86_400_000 };
  const sights: Sight[] = [];
  const answerMs: number[] = [];
  let appending = true;
  const ask = async () => {
    for (let reached = 0; appending || reached < events; ) {
      const start = performance.now();
      const { rows, envelope } = await serving.query("plays_minute", asked);
      const at = performance.now();
      answerMs.push(at - start);
      reached = envelope.asOf.reduce((sum, { offset }) => sum + offset, 0);
      const plays = rows.reduce((sum, row) => sum + row.plays, 0);
      if (plays < reached || plays > events) throw new Error(`asking while events come: the answer counts ${plays} events as of offsets that add up to ${reached}`);
      sights.push({ at, until: untilOf(envelope.asOf) });
      await delay(PAUSE_MS);
    }
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  const appendAll = async () => {
    const appended = await appendAtPace(log, LISTEN_EVENTS, listenEvents(events), eventsPerSecond);
    appending = false;
    return appended;
  };
  const [records] = await Promise.all([appendAll(), ask()]);
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - started;
  const peak = peakMb();

  const totals = await servedTotals({ log, store, files, clock });
  const expected = await countedTotals(log);
  stop.abort();
  await running.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  await Promise.all([serving.close(), engine.close()]);
  await Promise.all([store.close(), files.close()]);
  return {
    visible: visibleAfter(records, sights, warmUpMs),
    appended: latencyOf(counted(records, warmUpMs).map(({ dueAt, appendedAt }) => appendedAt - dueAt)),
    answer: latencyOf(answerMs),
    answers: answerMs.length,
    cpuShare: (user + system) / 1_000 / wallMs,
    eventsPerSecond: (events * 1_000) / (records.at(-1)!.appendedAt - records[0]!.dueAt),
    peakMb: peak,
    totals,
    expected,
  };
}

/** The baseline: the same pace, read by `JSON.parse` and maps in memory alone. */
async function readNaively({ directory, events, eventsPerSecond, warmUpMs }: AppendToVisibleParams) {
  const { signal } = new AbortController();
  const log = lmdbLog({ path: join(directory, "log-of-baseline") });
  await log.createTopic(LISTEN_EVENTS, { partitions: PARTITIONS }, signal);
  const maps = new MinuteMaps();
  const until = new Float64Array(PARTITIONS);
  const sights: Sight[] = [];
  const reading = new AbortController();
  const read = async (partition: number) => {
    for await (const batch of log.read({ topic: LISTEN_EVENTS, partition, from: 0 }, reading.signal)) {
      maps.add(batch);
      until[partition] = batch.position;
      sights.push({ at: performance.now(), until: until.slice() });
      if (until.reduce((sum, each) => sum + each, 0) === events) reading.abort();
    }
  };
  const reads = Promise.allSettled(Array.from({ length: PARTITIONS }, (_, partition) => read(partition)));
  const records = await appendAtPace(log, LISTEN_EVENTS, listenEvents(events), eventsPerSecond);
  for (const read of await reads) if (read.status === "rejected" && !reading.signal.aborted) throw read.reason as Error;
  await log.close();
  return visibleAfter(records, sights, warmUpMs);
}

async function countedTotals(log: EventLog): Promise<Totals> {
  const { signal } = new AbortController();
  const maps = new MinuteMaps();
  for (const { partition, start, end } of (await log.describe(LISTEN_EVENTS, signal)).partitions) {
    if (start === end) continue;
    for await (const batch of log.read({ topic: LISTEN_EVENTS, partition, from: start }, signal)) {
      maps.add(batch);
      if (batch.position >= end) break;
    }
  }
  return maps.totals();
}

function untilOf(asOf: readonly { readonly partition: number; readonly offset: number }[]): Float64Array {
  const until = new Float64Array(PARTITIONS);
  for (const { partition, offset } of asOf) until[partition] = offset;
  return until;
}

function counted(records: readonly PacedRecord[], warmUpMs: number): readonly PacedRecord[] {
  return records.filter(({ dueAt }) => dueAt >= records[0]!.dueAt + warmUpMs);
}

function visibleAfter(records: readonly PacedRecord[], sights: readonly Sight[], warmUpMs: number): Latency {
  return latencyOf(counted(records, warmUpMs).map((record) => seenAt(record, sights) - record.dueAt));
}
