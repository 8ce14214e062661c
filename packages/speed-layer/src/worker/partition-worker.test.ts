import { describe, expect, it } from "vitest";
import { GridMismatchError, UnsuitableTopicError } from "@millrace/core";
import type { EventLog, FileSystem, ViewStore } from "@millrace/core";
import { memoryViewStore } from "@millrace/core/memory";
import { InjectedFaultError } from "@millrace/core/testing";
import { advanceUntil } from "../testing/advance-until.js";
import { playOf, songs, users, views } from "../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth, truthOfProgress } from "../testing/speed-world.js";
import type { SpeedWorld } from "../testing/speed-world.js";
import { dumpStored } from "../testing/stored-views.js";
import { SpeedGapError } from "./speed-gap-error.js";

const never = new AbortController().signal;

function append({ log }: SpeedWorld, count: number, partition = 0, at = START_MS): void {
  for (let i = 0; i < count; i++) {
    const { length } = log.records(TOPIC, partition);
    log.place(TOPIC, partition, [{ appendedAt: at, value: playOf({ at, user: length % 3, song: `s${length % 4}`, seconds: length }) }]);
  }
}

async function segmentsOf({ store }: SpeedWorld): Promise<readonly string[]> {
  const rows = await store.readProgress(songs.definition.fingerprint, TOPIC, never);
  return rows.map(({ segment, until, sealed }) => `${segment.first}${segment.end === undefined ? "" : `~${segment.end}`}..${until}${sealed ? " sealed" : ""}`).sort();
}

describe("a worker", () => {
  it("reads again from the cut when a generation ends where its own segment does not", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 13);
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "12..13"]);

    expect(await world.batch.commit(0, { quiet: true, hidden: 3 })).toBe(true);
    await world.batch.publish({ 0: 10 });
    await world.catchUp(worker);

    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "10..12 sealed", "12..13"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("reads again from an older cut after a rollback", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 30);
    for (let i = 0; i < 2; i++) await world.batch.commit(0);
    await world.batch.publish({ 0: 24 });
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["24..30"]);

    await world.batch.publish({ 0: 12 });
    await world.catchUp(worker);

    expect(await segmentsOf(world)).toEqual(["12..24 sealed", "24..30"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("gives a segment an id of its own when it learns that a manifest ended it, and rewrites it whole", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 5);
    const worker = world.start("w");
    await world.catchUp(worker);
    await world.batch.commit(0, { quiet: true, hidden: 2 });
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..5", "0~3..3 sealed", "3..5"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("rewrites a segment whole under its own id when a manifest ended it just where it stands", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 5);
    const worker = world.start("w");
    await world.catchUp(worker);
    await world.batch.commit(0, { quiet: true });
    await world.catchUp(worker);
    // Nothing seals it yet: whether the grid ends it there as well, only the next record tells.
    expect(await segmentsOf(world)).toEqual(["0..5"]);
    append(world, 3);
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..5", "0~5..5 sealed", "5..8"]);
    expect(world.events.filter(({ type }) => type === "WorkerStarted")).toHaveLength(1);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("waits in a gap when the log no longer holds its first record, says so, and goes on once the batch layer has passed it", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 30);
    const first = world.start("w1");
    await world.catchUp(first);
    await first.stop();
    // A new store knows nothing, so the worker must start at the origin, and that is gone.
    const store = memoryViewStore({ clock: world.clock });
    while (await world.batch.commit(0));
    world.log.trim(TOPIC, 0, 20);
    const at = world.clock.now();
    const worker = world.start("w2", { store });
    await world.clock.advance(50);
    expect(worker.layer.status().partitions).toMatchObject([
      { state: "gap", durableUntil: 0, gap: { from: 0, until: 20, reason: "the log no longer holds these records" } },
    ]);
    await expect(worker.layer.caughtUp(never)).rejects.toThrow(SpeedGapError);
    expect(await store.readHeartbeats(TOPIC, never)).toEqual([
      { topic: TOPIC, partition: 0, worker: "w2", at, position: 0, gap: { from: 0, until: 20, reason: "the log no longer holds these records" } },
    ]);
    expect(await store.readProgress(songs.definition.fingerprint, TOPIC, never)).toEqual([]);
    // A cut below what is left helps nothing: the gap has only become smaller.
    await world.batch.publish({ 0: 12 });
    await world.clock.advance(1_500);
    expect(worker.layer.status().partitions).toMatchObject([{ state: "gap", gap: { from: 12, until: 20 } }]);
    await world.batch.publish({ 0: 24 });
    await world.catchUp(worker);
    const { links: _, ...answer } = await served(world, store);
    expect(answer).toEqual(await truth(world));
    expect(await store.readHeartbeats(TOPIC, never)).toMatchObject([{ worker: "w2", position: 30 }]);
    expect((await store.readHeartbeats(TOPIC, never))[0]).not.toHaveProperty("gap");
    await worker.stop();
  });

  it("never writes a segment past the instant up to which its rows are promised", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 5);
    // The last instant: one ms before a tenth of the retention is left.
    await world.clock.advance(89_999);
    const punctual = world.start("w1", { speedRetentionMs: 100_000 });
    await world.clock.advance(0);
    expect((await served(world)).links).toMatchObject([
      { until: 5, receivedAt: START_MS, coveredUntil: START_MS + 90_000 },
      { until: 5, receivedAt: START_MS, coveredUntil: START_MS + 90_000 },
    ]);
    await punctual.stop();

    const store = memoryViewStore({ clock: world.clock });
    await world.clock.advance(1);
    const late = world.start("w2", { speedRetentionMs: 100_000, store });
    await world.clock.advance(0);
    expect(late.layer.status().partitions).toMatchObject([{ state: "gap", gap: { from: 0, until: null } }]);
    expect(world.events.filter(({ type }) => type === "WorkerGap")).toEqual([
      { type: "WorkerGap", topic: TOPIC, partition: 0, from: 0, until: null, reason: "segment 0 could be written until 2026-01-05T12:01:30.000Z only" },
    ]);
    expect(await dumpStored(store, songs.definition, TOPIC)).toEqual([]);
    await late.stop();
  });

  it("retries a failed write, then stops with its error, and neither skips nor reads on", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 3);
    const error = new InjectedFaultError({ n: 0, method: "store.write" }, "fails", true);
    let attempts = 0;
    const store: ViewStore = {
      ...world.store,
      async write(view, partials, expiresAt, signal) {
        if (view === songs.definition && attempts >= 0) {
          attempts++;
          throw error;
        }
        await world.store.write(view, partials, expiresAt, signal);
      },
    };
    const worker = world.start("w", { store });
    await expect(advanceUntil(world.clock, worker.ended, 1_000)).rejects.toBe(error);
    expect(attempts).toBeGreaterThan(1);
    expect(world.events.filter(({ type }) => type === "RetryScheduled")).toHaveLength(attempts - 1);
    // Progress is never ahead of rows.
    expect(await world.store.readProgress(songs.definition.fingerprint, TOPIC, never)).toEqual([]);
    await expect(worker.ended).rejects.toBe(error);

    attempts = -1;
    const again = world.start("w", { store });
    await world.catchUp(again);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await again.stop();
  });

  it("writes no row again that was durable when it started, but all of them where reads might miss some", async () => {
    const world = speedWorld({ partitions: 1, grid: { segmentOffsets: 200_000, segmentMs: 900_000 } });
    /** Rows that a worker writes from its start to the end of the log. */
    const rowsOf = async (options: Parameters<typeof world.start>[1] = {}): Promise<number> => {
      const worker = world.start("w", options);
      await world.catchUp(worker);
      const { rowsWritten } = worker.layer.status().partitions[0]!;
      await worker.stop();
      return rowsWritten;
    };
    append(world, 50);
    const all = await rowsOf();
    // Four songs and three users.
    expect(all).toBe(7);
    const progress = await segmentsOf(world);
    expect(await rowsOf()).toBe(0);
    expect(await segmentsOf(world)).toEqual(progress);

    // Flushes of four records: the last alone has a record that is not durable.
    append(world, 1);
    const some = await rowsOf({ maxInFlight: 4 });
    expect(some).toBeGreaterThanOrEqual(views.length);
    expect(some).toBeLessThan(all);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));

    const [row] = await world.store.readProgress(songs.definition.fingerprint, TOPIC, never);
    await world.store.writeProgress([{ ...row!, version: row!.version + 1, overlapping: false }], never);
    expect(await rowsOf()).toBeGreaterThanOrEqual(all);
  });

  it("stops at once at an error that cannot be retried", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 3);
    const error = new InjectedFaultError({ n: 0, method: "store.writeProgress" }, "fails", false);
    const worker = world.start("w", { store: { ...world.store, writeProgress: () => Promise.reject(error) } });
    await expect(advanceUntil(world.clock, worker.ended)).rejects.toBe(error);
    expect(world.events.filter(({ type }) => type === "RetryScheduled")).toEqual([]);
  });

  it("reads no more than its credits while a flush hangs, and goes on when it ends", async () => {
    const world = speedWorld({ partitions: 1, grid: { segmentOffsets: 200_000, segmentMs: 900_000 } });
    append(world, 500);
    let release = (): void => undefined;
    const hung = new Promise<void>((resolve) => {
      release = resolve;
    });
    let pulled = 0;
    const log: EventLog = {
      ...world.log,
      async *read(request, signal) {
        for await (const batch of world.log.read(request, signal)) {
          pulled += batch.length;
          yield batch;
        }
      },
    };
    const store: ViewStore = {
      ...world.store,
      async write(...args) {
        await hung;
        await world.store.write(...args);
      },
    };
    const worker = world.start("w", { log, store, maxInFlight: 100 });
    await world.clock.advance(5_000);
    expect(pulled).toBe(100);
    expect(worker.layer.status().partitions).toMatchObject([{ position: 100, durableUntil: 0, inFlight: 100 }]);
    release();
    await world.catchUp(worker);
    expect(worker.layer.status().partitions).toMatchObject([{ position: 500, durableUntil: 500, inFlight: 0 }]);
    await worker.stop();
  });

  it("flushes at once when idle, and no sooner than flushMinMs after the flush before", async () => {
    const world = speedWorld({ partitions: 1 });
    const worker = world.start("w", { flushMinMs: 50 });
    await world.clock.advance(200);
    const flushedUntil = (): readonly number[] => world.events.flatMap((event) => (event.type === "Flushed" ? [event.until] : []));
    append(world, 1);
    await world.clock.advance(0);
    expect(flushedUntil()).toEqual([1]);
    append(world, 1);
    await world.clock.advance(49);
    append(world, 2);
    await world.clock.advance(0);
    expect(flushedUntil()).toEqual([1]);
    await world.clock.advance(1);
    expect(flushedUntil()).toEqual([1, 4]);
    await worker.stop();
  });

  it("is caught up past offsets without a record, and promises nothing of them", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 3);
    world.log.skipTo(TOPIC, 0, 40);
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(worker.layer.status().partitions).toMatchObject([{ durableUntil: 40, position: 40, records: 3, flushes: 1 }]);
    expect(await segmentsOf(world)).toEqual(["0..3"]);
    append(world, 1);
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..3 sealed", "40..41"]);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("refuses a compacted topic, one that forgets too soon, and a grid that is not the recorded one", async () => {
    const run = async (settings: Parameters<SpeedWorld["log"]["configure"]>[1], options = {}): Promise<unknown> => {
      const world = speedWorld();
      world.log.configure(TOPIC, settings);
      await world.batch.commit(0, { quiet: true });
      return advanceUntil(world.clock, world.start("w", options).ended).catch((error: unknown) => error);
    };
    expect(await run({ compacted: true })).toBeInstanceOf(UnsuitableTopicError);
    expect(await run({ retentionMs: 30_000 + 3_600_000 })).toBeInstanceOf(UnsuitableTopicError);
    expect(await run({}, { grid: { segmentOffsets: 13, segmentMs: 30_000 } })).toBeInstanceOf(GridMismatchError);
  });

  it("cuts a topic stamped by its producers by offsets alone, and says so", async () => {
    const world = speedWorld({ partitions: 1 });
    world.log.configure(TOPIC, { timestamps: "create" });
    append(world, 3);
    append(world, 3, 0, START_MS + 120_000);
    append(world, 7);
    const worker = world.start("w");
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "12..13"]);
    expect(world.events.filter(({ type }) => type === "Warning")).toEqual([
      { type: "Warning", code: "NO_BROKER_CLOCK", message: 'topic "plays" is stamped by its producers (CreateTime): segments are cut by offsets alone, every 12' },
    ]);
    await worker.stop();
  });

  it("goes on with what it knows while the files of the batch layer cannot be read", async () => {
    const world = speedWorld({ partitions: 1 });
    let down = false;
    const files: FileSystem = {
      ...world.files,
      list: (...args) => (down ? Promise.reject(new InjectedFaultError({ n: 0, method: "files.list" }, "fails", true)) : world.files.list(...args)),
    };
    const worker = world.start("w", { files });
    await world.clock.advance(10);
    down = true;
    append(world, 13);
    await world.catchUp(worker);
    expect(await segmentsOf(world)).toEqual(["0..12 sealed", "12..13"]);
    expect(world.events.filter(({ type }) => type === "Warning")).not.toEqual([]);
    await world.batch.commit(0, { quiet: true, hidden: 3 });
    await world.batch.publish({ 0: 10 });
    await world.clock.advance(3_000);
    down = false;
    await world.catchUp(worker);
    const { links: _, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    await worker.stop();
  });

  it("loses nothing when one partition is read far ahead of another and events are three minutes late", async () => {
    const world = speedWorld({ partitions: 2, grid: { segmentOffsets: 200_000, segmentMs: 60_000 } });
    const { log, clock } = world;
    // One event a second and partition for ten minutes, every third three minutes late.
    for (let second = 0; second < 600; second++) {
      for (const partition of [0, 1]) {
        const appendedAt = START_MS + second * 1_000;
        const at = second % 3 === 0 ? appendedAt - 180_000 : appendedAt;
        log.place(TOPIC, partition, [{ appendedAt, value: playOf({ at, user: second % 5, song: `s${second % 7}`, seconds: second }) }]);
      }
    }
    // Partition 1 gives ten records a second of simulated time, partition 0 all it has.
    const slow: EventLog = {
      ...log,
      async *read(request, signal) {
        if (request.partition === 0) return yield* log.read(request, signal);
        for await (const batch of log.read({ ...request, maxRecords: 10 }, signal)) {
          await clock.sleep(1_000, signal);
          yield batch;
        }
      },
    };
    const worker = world.start("w", { log: slow });
    await clock.advance(20_000);
    const [fast, behind] = worker.layer.status().partitions;
    expect(fast!.durableUntil).toBe(600);
    expect(behind!.durableUntil).toBeLessThan(250);
    await advanceUntil(clock, worker.layer.caughtUp(never), 1_000);
    const { links, ...answer } = await served(world);
    expect(answer).toEqual(await truth(world));
    for (const link of links) expect(link).toMatchObject(truthOfProgress(world, link));
    const sum = (fingerprint: string) => links.filter((link) => link.fingerprint === fingerprint).reduce((all, { late }) => all + late, 0);
    expect([sum(songs.definition.fingerprint), sum(users.definition.fingerprint)]).toEqual([400, 400]);
    await worker.stop();
  });
});
