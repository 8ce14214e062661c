import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { simulatedClock } from "../clock/simulated-clock.js";
import { StorageError } from "../errors/storage-error.js";
import { StorageFullError } from "../errors/storage-full-error.js";
import { eventLogConformance } from "../testing/event-log-conformance.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import { lmdbFailure, openLmdb } from "./lmdb-environment.js";
import { lmdbLog } from "./lmdb-log.js";
import type { LmdbLog } from "./lmdb-log.js";

const never = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "millrace-log-"));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

interface ReadRecord {
  readonly offset: number;
  readonly appendedAt: number;
  readonly value: string;
}

async function readToEnd(log: LmdbLog, topic: string, until = 0): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  for await (const batch of log.read({ topic, partition: 0, from: 0 }, never)) {
    for (let i = 0; i < batch.length; i++) {
      const value = Buffer.from(batch.data.subarray(batch.valueStart[i], batch.valueEnd[i])).toString();
      records.push({ offset: batch.offsets[i]!, appendedAt: batch.appendedAt[i]!, value });
    }
    if (batch.position >= Math.max(until, batch.end)) break;
  }
  return records;
}

/** A process that works on the log: see `lmdb-log.test-process.ts`. */
function start(...args: readonly string[]): ChildProcess & { readonly lines: AsyncIterable<string> } {
  const script = fileURLToPath(new URL("./lmdb-log.test-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  async function* lines(): AsyncGenerator<string> {
    let rest = "";
    for await (const chunk of child.stdout) {
      const parts = (rest + String(chunk)).split("\n");
      rest = parts.pop()!;
      yield* parts;
    }
  }
  return Object.assign(child, { lines: lines() });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
}

describe("lmdbLog", () => {
  eventLogConformance(it, async () => {
    const clock = simulatedClock(1_700_000_000_000);
    const open = (): ReturnType<typeof lmdbLog> => lmdbLog({ path: path.join(folder, "log"), clock });
    const log = open();
    const tools = open();
    return {
      log,
      async readBack(topic, partition) {
        const records: LogRecord[] = [];
        const { start } = (await tools.describe(topic, never)).partitions[partition]!;
        for await (const batch of tools.read({ topic, partition, from: start, maxRecords: 3 }, never)) {
          for (let i = 0; i < batch.length; i++) {
            const headers = batch.headers?.[i];
            records.push({
              offset: batch.offsets[i]!,
              appendedAt: batch.appendedAt[i]!,
              key: batch.keyStart && batch.keyStart[i]! >= 0 ? batch.data.slice(batch.keyStart[i], batch.keyEnd![i]) : null,
              value: batch.data.slice(batch.valueStart[i], batch.valueEnd[i]),
              ...(headers === undefined ? {} : { headers }),
            });
          }
          if (batch.position >= batch.end) break;
        }
        return records;
      },
      another: async () => open(),
      passTime: (ms) => clock.advance(ms),
      trim: (topic, partition, below) => tools.trim(topic, partition, below, never),
      recreate: (topic) => tools.recreateTopic(topic, { partitions: 1 }, never),
      async dispose() {
        await log.close();
        await tools.close();
      },
    };
  });

  it("keeps records, topics and versions when it is opened again", async () => {
    const log = lmdbLog({ path: folder });
    await log.createTopic("t", { partitions: 1 }, never);
    await log.append("t", [{ value: "old" }], never);
    await log.recreateTopic("t", { partitions: 1 }, never);
    await log.append("t", [{ value: "a" }, { value: "b" }], never);
    await log.close();
    const again = lmdbLog({ path: folder });
    expect((await again.describe("t", never)).partitions).toEqual([{ partition: 0, logVersion: 1_025, start: 0, end: 2 }]);
    expect((await readToEnd(again, "t")).map(({ value }) => value)).toEqual(["a", "b"]);
    await again.close();
  });

  it("never stamps back, whatever the clock and the records say", async () => {
    const clock = simulatedClock(1_000);
    const log = lmdbLog({ path: folder, clock });
    await log.createTopic("t", { partitions: 1 }, never);
    await log.append("t", [{ value: "a" }], never);
    clock.set(400);
    await log.append("t", [{ value: "b" }, { value: "c", appendedAt: 3_000 }, { value: "d", appendedAt: 2_000 }, { value: "e" }], never);
    clock.set(2_500);
    await log.append("t", [{ value: "f" }], never);
    clock.set(9_000);
    await log.append("t", [{ value: "g" }], never);
    expect((await readToEnd(log, "t")).map(({ appendedAt }) => appendedAt)).toEqual([1_000, 1_000, 3_000, 3_000, 3_000, 3_000, 9_000]);
    expect(await Promise.all([0, 1_001, 3_000, 3_001, 9_001].map((instant) => log.offsetAt("t", 0, instant, never)))).toEqual([0, 2, 2, 6, 7]);
    await log.close();
  });

  it("commits appends that wait together in one transaction", async () => {
    const log = lmdbLog({ path: folder });
    await log.createTopic("t", { partitions: 1 }, never);
    const environment = await openLmdb(folder, { user: "this test", format: "log 1", databases: [] });
    let commits = 0;
    const stop = environment.onCommit(() => commits++);
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append("t", [{ value: `${i}` }], never)));
    stop();
    expect(commits).toBeLessThanOrEqual(3);
    expect((await readToEnd(log, "t")).map(({ value }) => value)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
    await environment.close();
    await log.close();
  });

  it("refuses a folder of another format", async () => {
    const environment = await openLmdb(folder, { user: "this test", format: "log 99", databases: [] });
    await environment.close();
    await expect(lmdbLog({ path: folder }).topics(never)).rejects.toThrow('opening a store of format "log 99"');
  });

  it("tells a full disk from a broken one", async () => {
    const failure = (text: string, free: number): Promise<Error> => lmdbFailure("appending", "/data", new Error(text), async () => free);
    expect(await failure("MDB_MAP_FULL: Environment mapsize limit reached", Infinity)).toBeInstanceOf(StorageFullError);
    expect(await failure("No space left on device", Infinity)).toBeInstanceOf(StorageFullError);
    expect(await failure("Input/output error", 1_000_000)).toBeInstanceOf(StorageFullError);
    expect(await failure("Input/output error", 1e12)).toBeInstanceOf(StorageError);
    expect(await failure("MDB_CORRUPTED", 0)).toMatchObject({ code: "STORAGE", retryable: false, message: 'appending in "/data"' });
    const commitError = Promise.reject(new Error("No space left on device"));
    expect(await lmdbFailure("appending", "/data", Object.assign(new Error("Commit failed"), { commitError }))).toBeInstanceOf(StorageFullError);
  });

  it("two processes append and tail one log: every record is there once, and both see the same", async () => {
    const log = lmdbLog({ path: folder });
    await log.createTopic("t", { partitions: 1 }, never);
    const child = start(folder, "append-and-tail", "child", "60", "120");
    const [mine, theirs] = await Promise.all([
      (async () => {
        for (let i = 0; i < 60; i++) await log.append("t", [{ partition: 0, value: `parent ${i}` }], never);
        return readToEnd(log, "t", 120);
      })(),
      (async () => {
        for await (const line of child.lines) return JSON.parse(line) as ReadRecord[];
        throw new Error("the other process said nothing");
      })(),
    ]);
    expect(theirs).toEqual(mine);
    expect(mine.map(({ offset }) => offset)).toEqual(Array.from({ length: 120 }, (_, i) => i));
    const of = (writer: string): string[] => mine.map(({ value }) => value).filter((value) => value.startsWith(writer));
    expect(of("parent")).toEqual(Array.from({ length: 60 }, (_, i) => `parent ${i}`));
    expect(of("child")).toEqual(Array.from({ length: 60 }, (_, i) => `child ${i}`));
    await log.close();
  });

  it("an append that was confirmed outlives the process that made it, and the log goes on", async () => {
    const log = lmdbLog({ path: folder });
    await log.createTopic("t", { partitions: 1 }, never);
    let confirmed = 0;
    for (const kills of [3, 20]) {
      const child = start(folder, "append", `child`, "1000000");
      let lines = 0;
      for await (const line of child.lines) {
        confirmed = Number(line);
        if (++lines === kills) break;
      }
      await kill(child);
    }
    await log.append("t", [{ partition: 0, value: "after" }], never);
    const records = await readToEnd(log, "t");
    expect(records.length).toBeGreaterThan(confirmed + 1);
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => i));
    expect(records.at(-1)!.value).toBe("after");
    await log.close();
  });

  it("knows the records that a killed process had written but not shown", { timeout: 60_000 }, async () => {
    const log = lmdbLog({ path: folder });
    await log.createTopic("t", { partitions: 1 }, never);
    const ends: number[] = [];
    const next: number[] = [];
    for (let kills = 0; kills < 30; kills++) {
      const child = start(folder, "append-on", "child", "1000000");
      for await (const _ of child.lines) break;
      // At any moment of a commit: one in five of these kills hits the one that matters.
      await setTimeout(Math.random() * 20);
      await kill(child);
      ends.push((await log.describe("t", never)).partitions[0]!.end);
      next.push((await log.append("t", [{ partition: 0, value: "after" }], never))[0]!.offset);
    }
    expect(ends).toEqual(next);
    await log.close();
  });

  it("loses no confirmed append while other processes open and close the log", { timeout: 60_000 }, async () => {
    // In memory commits are quick, and an opener that is slower than a commit is what can take one back.
    const fast = await fs.mkdtemp(path.join(await fs.access("/dev/shm").then(() => "/dev/shm", os.tmpdir), "millrace-log-"));
    const log = lmdbLog({ path: fast });
    await log.createTopic("t", { partitions: 1 }, never);
    const openers = [start(fast, "open"), start(fast, "open"), start(fast, "open")];
    try {
      for (const opener of openers) for await (const _ of opener.lines) break;
      const offsets: number[] = [];
      for (let i = 0; i < 3_000; i++) offsets.push((await log.append("t", [{ partition: 0, value: `${i}` }], never))[0]!.offset);
      expect(offsets).toEqual(offsets.map((_, i) => i));
      expect((await readToEnd(log, "t")).map(({ value }) => value)).toEqual(offsets.map((_, i) => `${i}`));
      for (const opener of openers) expect(opener.exitCode).toBe(null);
    } finally {
      await Promise.all(openers.map(kill));
      await log.close();
      await fs.rm(fast, { recursive: true, force: true });
    }
  });
});
