import { describe, expect, it } from "vitest";
import { ConfigurationError, deliver } from "@millrace/core";
import type { SinkBatch } from "@millrace/core";
import { AlreadyRunningError } from "./already-running-error.js";
import { createSpeedLayer } from "./create-speed-layer.js";
import { outputPositionPath } from "./outputs/output-position.js";
import { SpeedLayerStoppedError } from "./speed-layer-stopped-error.js";
import { advanceUntil } from "./testing/advance-until.js";
import { playOf, plays, songs, views } from "./testing/plays.js";
import { START_MS, TOPIC, speedWorld } from "./testing/speed-world.js";
import type { SpeedWorld } from "./testing/speed-world.js";

const never = new AbortController().signal;

/** Records three seconds apart, so that each is a sink batch of its own. */
function append({ log }: SpeedWorld, count: number): void {
  for (let i = 0; i < count; i++) {
    const { length } = log.records(TOPIC, 0);
    const at = START_MS + length * 3_000;
    log.place(TOPIC, 0, [{ appendedAt: at, value: playOf({ at, user: length, song: null, seconds: 1 }) }]);
  }
}

describe("a speed layer", () => {
  it("tells every mistake of its options at once", () => {
    const { log, store, files, clock } = speedWorld();
    const make = () =>
      createSpeedLayer({ log, store, files, clock, views, plans: [], workerId: "", flushMinMs: -1, maxInFlight: 0.5, grid: { segmentOffsets: 0, segmentMs: 1.5 } });
    expect(make).toThrow(ConfigurationError);
    try {
      make();
    } catch (error) {
      expect((error as ConfigurationError).problems.map(({ path }) => path)).toEqual(["flushMinMs", "maxInFlight", "grid.segmentOffsets", "grid.segmentMs", "workerId", "plans"]);
    }
  });

  it("runs once at a time, and again after it was stopped", async () => {
    const world = speedWorld();
    const worker = world.start("w");
    await expect(worker.layer.run(never)).rejects.toThrow(AlreadyRunningError);
    await worker.stop();
    expect(worker.layer.status()).toEqual({ running: false, partitions: [], outputs: [] });
    const abort = new AbortController();
    const second = worker.layer.run(abort.signal);
    await advanceUntil(world.clock, worker.layer.caughtUp(never));
    abort.abort();
    await second;
  });

  it("is caught up once the log's end as of the call is durable, whatever comes later, and waits for run", async () => {
    const world = speedWorld({ partitions: 1 });
    const { log, store, files, clock } = world;
    append(world, 3);
    const layer = createSpeedLayer({ log, store, files, clock, views, workerId: "w", flushMinMs: 60_000 });
    const caughtUp = layer.caughtUp(never);
    await clock.advance(10);
    append(world, 1);
    const abort = new AbortController();
    const ended = layer.run(abort.signal);
    await caughtUp;
    append(world, 1);
    // In spite of flushMinMs: who waits is not made to wait for more.
    await layer.caughtUp(never);
    expect(layer.status().partitions).toMatchObject([{ state: "running", durableUntil: 5, position: 5, end: 5, segment: "0" }]);
    const tooLate = layer.caughtUp(AbortSignal.abort());
    await expect(tooLate).rejects.toThrow("aborted");
    append(world, 1);
    const interrupted = layer.caughtUp(never);
    abort.abort();
    await expect(interrupted).rejects.toThrow(SpeedLayerStoppedError);
    await ended;
  });

  it("writes heartbeats every second, which say where each partition stands", async () => {
    const world = speedWorld({ partitions: 1 });
    const worker = world.start("w7");
    await world.clock.advance(1_010);
    expect(await world.store.readHeartbeats(TOPIC, never)).toEqual([{ topic: TOPIC, partition: 0, worker: "w7", at: START_MS + 1_000, position: 0 }]);
    append(world, 2);
    await world.clock.advance(1_000);
    expect(await world.store.readHeartbeats(TOPIC, never)).toEqual([{ topic: TOPIC, partition: 0, worker: "w7", at: START_MS + 2_000, position: 2 }]);
    await worker.stop();
  });

  it("lets the store drop what has expired", async () => {
    const world = speedWorld();
    const swept: number[] = [];
    const worker = world.start("w", { store: { ...world.store, sweep: async (now) => void swept.push(now) } });
    await world.clock.advance(125_000);
    expect(swept).toEqual([START_MS + 60_000, START_MS + 120_000]);
    await worker.stop();
  });
});

describe("an output", () => {
  it("goes on from its position, and writes a batch again under its id when it died before the position was kept", async () => {
    const world = speedWorld({ partitions: 1 });
    const writes: string[] = [];
    const sink = {
      name: "to/there",
      async write({ id, rows }: SinkBatch<{ readonly user: number }>) {
        writes.push(`${id} ${rows.map(({ user }) => user).join()}`);
      },
      async close() {},
    };
    const outputs = [deliver(plays, sink)];
    append(world, 3);
    const first = world.start("w1", { outputs, views: [] });
    await world.clock.advance(50);
    expect(writes).toEqual(["plays/v1024-p0/0 0", "plays/v1024-p0/1 1"]);
    expect(first.layer.status()).toMatchObject({ running: true, partitions: [], outputs: [{ sink: "to/there", topic: TOPIC, partition: 0, until: 2 }] });
    await first.stop();

    append(world, 1);
    let dies = true;
    const files = {
      ...world.files,
      replace: (...args: Parameters<typeof world.files.replace>) => (dies ? Promise.reject(new Error("the process dies here")) : world.files.replace(...args)),
    };
    await expect(world.start("w2", { outputs, views: [songs.definition], files }).ended).rejects.toThrow("the process dies here");
    dies = false;
    const third = world.start("w3", { outputs, views: [songs.definition], files });
    await world.clock.advance(50);
    await third.stop();
    expect(writes.slice(2)).toEqual(["plays/v1024-p0/2 2", "plays/v1024-p0/2 2"]);
    const kept = await world.files.read(outputPositionPath("to/there", TOPIC, 0), never);
    expect(new TextDecoder().decode(kept)).toBe('{"format":1,"logVersion":1024,"until":3}\n');
    expect(outputPositionPath("to/there", TOPIC, 0)).toBe("outputs/to%2Fthere/plays-p0.json");
  });

  it("does not deliver rows that map to undefined, and moves on past batches of nothing else", async () => {
    const world = speedWorld({ partitions: 1 });
    const written: string[] = [];
    const sink = { name: "some", write: async ({ id, rows }: SinkBatch<number>) => void written.push(`${id} ${rows.join()}`), close: async () => undefined };
    append(world, 4);
    const running = world.start("w1", { outputs: [deliver(plays, sink, ({ user }) => (user === 1 ? user * 10 : undefined))], views: [] });
    await world.clock.advance(50);
    expect(written).toEqual(["plays/v1024-p0/1 10"]);
    expect(running.layer.status().outputs).toMatchObject([{ until: 3 }]);
    await running.stop();
  });

  it("fails when records left the log before they were delivered", async () => {
    const world = speedWorld({ partitions: 1 });
    append(world, 3);
    const sink = { name: "sink", write: async () => undefined, close: async () => undefined };
    const first = world.start("w1", { outputs: [deliver(plays, sink)], views: [] });
    await world.clock.advance(50);
    await first.stop();
    append(world, 5);
    world.log.trim(TOPIC, 0, 6);
    await expect(world.start("w2", { outputs: [deliver(plays, sink)], views: [] }).ended).rejects.toMatchObject({ code: "LOG_TRIMMED", from: 2, start: 6 });
  });
});
