import { memoryLog } from "@millrace/core/memory";
import type { Clock } from "millrace";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { simulateUntil, TOPICS, type SimulatedEvent, type SimulatorOptions } from "../simulator/index.js";
import type { EventTarget } from "./event-target.js";
import { LogTarget } from "./log-target.js";
import { NdjsonFiles, OutputError } from "./ndjson-files.js";
import { Progress } from "./progress.js";
import { runSimulate, type Sent } from "./run-simulate.js";

const { signal } = new AbortController();
const startMs = Date.UTC(2025, 0, 6);
const untilMs = startMs + 2 * 86_400_000;
const options: SimulatorOptions = { seed: 11, users: 1_500, startMs };
const expected = [...simulateUntil(options, untilMs)];
const ofTopic = (topic: string) => expected.filter((event) => event.topic === topic);
const linesOf = (events: readonly SimulatedEvent[]) => events.map(({ value }) => `${value}\n`).join("");
const quiet = { clock: undefined, onProgress: () => {} };

async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), "simulate-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function runToFiles(dir: string, more: Partial<Parameters<typeof runSimulate>[0]> = {}, stop = signal) {
  const target = await NdjsonFiles.create(dir);
  try {
    return await runSimulate({ options, untilMs, target, ...quiet, ...more }, stop);
  } finally {
    await target.close();
  }
}

const read = (dir: string, topic: string) => readFile(path.join(dir, `${topic}.ndjson`), "utf8");

it("writes every record of a topic on a line of its file, and replaces what was there", async () => {
  const dir = path.join(await temporaryDir(), "new", "folder");
  for (let run = 0; run < 2; run++) {
    const sent = await runToFiles(dir);
    expect(sent).toMatchObject({ total: expected.length, atMs: expected.at(-1)!.sentMs, stopped: false });
    for (const topic of TOPICS) {
      expect(sent.byTopic[topic]).toBe(ofTopic(topic).length);
      expect((await read(dir, topic)) === linesOf(ofTopic(topic))).toBe(true);
    }
    await writeFile(path.join(dir, "auth_events.ndjson"), "x".repeat(1_000_000));
  }
  expect(expected.length).toBeGreaterThan(10_000);
});

it("stops on abort between two records, and leaves whole lines of what it tells", async () => {
  const dir = await temporaryDir();
  const stop = new AbortController();
  const sent = await runToFiles(dir, { onProgress: ({ total }: Sent) => total > 7_000 && stop.abort() }, stop.signal);
  expect(sent).toMatchObject({ total: 10_000, stopped: true });
  const first = expected.slice(0, 10_000);
  for (const topic of TOPICS) expect((await read(dir, topic)) === linesOf(first.filter((event) => event.topic === topic))).toBe(true);
});

it("sends, paced, no event before its time, and the past at once", async () => {
  const flushed: { readonly atMs: number; readonly events: readonly SimulatedEvent[] }[] = [];
  const nowMs = startMs + 86_400_000;
  let now = nowMs;
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
  let added: SimulatedEvent[] = [];
  const target: EventTarget = {
    hasRoomFor: () => added.length < 100,
    add: (event) => void added.push(event),
    flush: () => {
      if (added.length > 0) flushed.push({ atMs: now, events: added });
      added = [];
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  await runSimulate({ options, untilMs, target, clock, onProgress: () => {} }, signal);
  expect(flushed.flatMap(({ events }) => events)).toEqual(expected);
  for (const { atMs, events } of flushed) {
    for (const { sentMs } of events) expect(sentMs).toBeLessThanOrEqual(atMs);
    // The past has come by now; after it, an event is there the moment that it happens.
    if (events[0]!.sentMs > nowMs) expect(atMs).toBe(events[0]!.sentMs);
  }
  expect(flushed.filter(({ atMs }) => atMs === nowMs).flatMap(({ events }) => events).length).toBe(expected.filter(({ sentMs }) => sentMs <= nowMs).length);
});

it("wakes from a pause when it is stopped", async () => {
  const stop = new AbortController();
  const clock: Clock = {
    now: () => startMs,
    sleep: (_, sleepSignal) => {
      stop.abort();
      sleepSignal.throwIfAborted();
      return Promise.reject(new Error("the run's signal should have been passed on"));
    },
  };
  const dir = await temporaryDir();
  expect(await runToFiles(dir, { clock, untilMs: Infinity }, stop.signal)).toMatchObject({ total: 0, stopped: true, atMs: startMs });
});

it("appends to a log in the order of topics, a user's records to one partition, at the time they are sent", async () => {
  let now = startMs;
  const log = memoryLog({ clock: { now: () => now, sleep: () => Promise.resolve() } });
  const target = await LogTarget.create(log, (sentMs) => (now = sentMs), signal);
  await runSimulate({ options, untilMs, target, ...quiet }, signal);
  const text = new TextDecoder();
  for (const topic of TOPICS) {
    const values: string[] = [];
    const partitionOf = new Map<string, number>();
    for (const { partition, end } of (await log.describe(topic, signal)).partitions) {
      if (end === 0) continue;
      for await (const batch of log.read({ topic, partition, from: 0 }, signal)) {
        for (let index = 0; index < batch.length; index++) {
          const value = text.decode(batch.data.subarray(batch.valueStart[index], batch.valueEnd[index]));
          values.push(value);
          const { ts, city, lat } = JSON.parse(value) as { readonly ts: number; readonly city: string; readonly lat: number };
          expect(batch.appendedAt[index]! - ts).toBeGreaterThanOrEqual(0);
          expect(batch.appendedAt[index]! - ts).toBeLessThanOrEqual(50_000);
          const userId = (JSON.parse(value) as { readonly userId?: number }).userId;
          if (userId === undefined) continue;
          const user = `${userId} ${city} ${lat}`;
          expect(partitionOf.get(user) ?? partition).toBe(partition);
          partitionOf.set(user, partition);
        }
        if (batch.position >= end) break;
      }
    }
    expect(values.sort()).toEqual(ofTopic(topic).map(({ value }) => value).sort());
  }
});

it("says which file cannot be written, before it simulates", async () => {
  const file = path.join(await temporaryDir(), "file");
  await writeFile(file, "");
  await expect(NdjsonFiles.create(file)).rejects.toThrow(OutputError);
  await expect(NdjsonFiles.create(file)).rejects.toThrow(`writing "${file}": EEXIST`);
});

it("reports progress seldom, and the end with every topic", () => {
  let now = 0;
  let text = "";
  const sent = (total: number) => ({ total, atMs: startMs + 43_200_000, byTopic: { listen_events: total - 1, page_view_events: 1, auth_events: 0, status_change_events: 0 } });
  const progress = new Progress({ startMs, untilMs, isTerminal: false, write: (more) => (text += more), elapsedMs: () => now });
  for (now = 0; now <= 10_000; now += 100) progress.report(sent(1 + now * 100));
  progress.finish({ ...sent(2_000_000), stopped: true }, "out");
  expect(text.split("\n")).toEqual([
    "simulated to 2025-01-06 12:00 (25 %): 500,001 records, 100,000/s",
    "simulated to 2025-01-06 12:00 (25 %): 1,000,001 records, 100,000/s",
    "stopped at 2025-01-06 12:00: 2,000,000 records in 10.1 s, in out",
    "  listen_events             1,999,999",
    "  page_view_events                  1",
    "  auth_events                       0",
    "  status_change_events              0",
    "",
  ]);
});
