import { count, defineStream, defineView, FileSystemError, int64, SqlError, StorageFullError, sum, text, timestamp } from "@millrace/core";
import { describe, expect, it } from "vitest";
import { testLambda, type MemoryPlatform } from "../testing/index.js";

const plays = defineStream({ topic: "plays", columns: { at: timestamp("ms"), song: text(), seconds: int64() }, eventTime: "at" });
const songs = defineView({ name: "songs", from: plays, by: ["song"], every: "minute", measures: (c) => ({ plays: count(), seconds: sum(c.seconds) }) });

/** A disk without room, until there is room again. */
class Disk {
  full = false;
  refused = 0;

  /** The port's methods fail as its adapter does when the disk is full. */
  under<P extends object>(port: P, methods: readonly (keyof P & string)[], error: (doing: string) => Error): P {
    const own = { ...port };
    for (const method of methods) {
      const call = port[method] as unknown as (...of: unknown[]) => Promise<unknown>;
      Object.assign(own, {
        [method]: (...of: unknown[]) => {
          if (!this.full) return call(...of);
          this.refused++;
          return Promise.reject(error(method));
        },
      });
    }
    return own;
  }
}

const noSpace = (doing: string) => new StorageFullError(doing, "/data", undefined);
const noSpaceForFile = (doing: string) => new FileSystemError(`${doing}`, { path: "/data", retryable: true, systemCode: "ENOSPC" });
const noSpaceForTable = (doing: string) => new SqlError("duckdb", doing, { message: "IO Error: No space left on device" });

const START_MS = Date.UTC(2026, 0, 1);
const events = (n: number, fromMs = START_MS) => Array.from({ length: n }, (_, i) => ({ at: fromMs + i * 7_000, song: `s${i % 3}`, seconds: i }));

async function onFullDisk(ports: (disk: Disk, memory: MemoryPlatform) => Partial<MemoryPlatform>) {
  const disk = new Disk();
  const test = await testLambda({ views: [songs], ports: (memory) => ports(disk, memory), grid: { segmentOffsets: 10, segmentMs: 60_000 }, sealGuardMs: 1_000 });
  return Object.assign(test, { disk });
}

describe("a full disk", () => {
  it("under the view store: writes are tried again until there is room, and nothing is lost or counted twice", async () => {
    await using test = await onFullDisk((disk, { store }) => ({ store: disk.under(store, ["write", "writeProgress", "writeHeartbeat"], noSpace) }));
    await test.events(plays, events(25));
    await test.caughtUp();
    test.disk.full = true;
    await test.events(plays, events(25));
    await test.advance("20 seconds");
    expect(test.disk.refused).toBeGreaterThan(1);
    test.disk.full = false;
    await test.expectExact();
  });

  it("under the view store for longer than writes are tried: the speed layer stops with the reason, and the next process goes on", async () => {
    await using test = await onFullDisk((disk, { store }) => ({ store: disk.under(store, ["write", "writeProgress", "writeHeartbeat"], noSpace) }));
    test.disk.full = true;
    await test.events(plays, events(25));
    await expect(test.advance("1 day")).rejects.toThrow(/no space left/);
    await expect(test.caughtUp()).rejects.toThrow(/no space left/);
    test.disk.full = false;
    await test.crash();
    await test.expectExact();
  });

  it.each(["write", "putIfAbsent", "replace"] as const)("under the files, in `%s`: ingest and run fail with the reason, and later publish the same", async (method) => {
    await using test = await onFullDisk((disk, { files }) => ({ files: disk.under(files, [method], noSpaceForFile) }));
    await test.events(plays, events(25));
    await test.advance("2 minutes");
    await test.publish();
    await test.events(plays, events(25));
    await test.advance("2 minutes");
    test.disk.full = true;
    const refusal = await test.publish().then(() => undefined, (error: unknown) => String(error));
    expect(test.disk.refused).toBeGreaterThan(0);
    expect(refusal).toMatch(new RegExp(method));
    await test.crash();
    await test.expectExact();
    test.disk.full = false;
    await test.publish();
    await test.expectExact();
    expect((await test.query("songs", { from: START_MS, until: START_MS + 86_400_000, granularity: "all", by: [] })).rows).toEqual([{ plays: 50, seconds: 600 }]);
    expect((await test.lambda.batch.list()).length).toBe(2);
  });

  it("under the engine: the run fails with the reason, the generation before it is served, and the next run publishes", async () => {
    await using test = await onFullDisk((disk, { engine }) => ({ engine: disk.under(engine, ["writeTable"], noSpaceForTable) }));
    await test.events(plays, events(25));
    await test.advance("2 minutes");
    await test.publish();
    await test.events(plays, events(25));
    await test.advance("2 minutes");
    test.disk.full = true;
    await expect(test.publish()).rejects.toThrow(/No space left/);
    await test.expectExact();
    expect((await test.lambda.batch.list()).length).toBe(1);
    test.disk.full = false;
    await test.publish();
    await test.expectExact();
    expect((await test.lambda.batch.list()).length).toBe(2);
  });
});
