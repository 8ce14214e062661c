import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deliver } from "@millrace/core";
import type { SinkBatch } from "@millrace/core";
import { memoryWorkerGroup } from "@millrace/core/memory";
import { advanceUntil } from "../testing/advance-until.js";
import { playOf, plays } from "../testing/plays.js";
import { START_MS, TOPIC, served, speedWorld, truth } from "../testing/speed-world.js";
import type { Running, SpeedWorld } from "../testing/speed-world.js";

const never = new AbortController().signal;

/** Records three seconds apart, so that four segments hold forty of them. */
function append({ log }: SpeedWorld, partition: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const { length } = log.records(TOPIC, partition);
    const at = START_MS + length * 3_000;
    log.place(TOPIC, partition, [{ appendedAt: at, value: playOf({ at, user: partition, song: length % 5 === 0 ? null : `song ${length % 3}`, seconds: 1 }) }]);
  }
}

function sharedWorld(partitions: number) {
  const world = speedWorld({ partitions });
  const workers = memoryWorkerGroup(world.log);
  const start = (id: string, options: Parameters<SpeedWorld["start"]>[1] = {}) => world.start(id, { share: { workers, views: "views", outputs: "outputs" }, ...options });
  const owned = ({ layer }: Running) => layer.status().partitions.map(({ partition }) => partition).sort();
  return { ...world, workers, start, owned };
}

async function expectTruth(world: SpeedWorld): Promise<void> {
  const { songs, users, reach } = await served(world);
  expect({ songs, users, reach }).toEqual(await truth(world));
}

describe("workers of one group", () => {
  it("share the partitions; what one leaves, the others go on with at once", async () => {
    const world = sharedWorld(3);
    for (const partition of [0, 1, 2]) append(world, partition, 15);
    const first = world.start("a");
    await world.catchUp(first);
    expect(world.owned(first)).toEqual([0, 1, 2]);

    const second = world.start("b");
    await world.catchUp(second);
    expect([world.owned(first), world.owned(second)]).toEqual([[0, 2], [1]]);
    for (const partition of [0, 1, 2]) append(world, partition, 15);
    await world.catchUp(first);
    await world.catchUp(second);
    await expectTruth(world);

    await first.stop();
    append(world, 0, 3);
    // Sooner than the next look at the log would be.
    await world.clock.advance(100);
    expect(world.owned(second)).toEqual([0, 1, 2]);
    await world.catchUp(second);
    await expectTruth(world);
    expect(world.events.filter(({ type }) => type === "PartitionsShared")).toEqual([
      { type: "PartitionsShared", group: "views", owned: ["plays-0", "plays-1", "plays-2"] },
      { type: "PartitionsShared", group: "views", owned: ["plays-0", "plays-2"] },
      { type: "PartitionsShared", group: "views", owned: ["plays-1"] },
      { type: "PartitionsShared", group: "views", owned: ["plays-0", "plays-1", "plays-2"] },
    ]);
    await second.stop();
  });

  it("take partitions that are added", async () => {
    const world = sharedWorld(1);
    const both = [world.start("a"), world.start("b")];
    await world.clock.advance(10);
    expect(both.map(world.owned)).toEqual([[0], []]);
    await world.log.createTopic(TOPIC, { partitions: 2 }, never);
    append(world, 1, 2);
    await world.workers.refresh();
    for (const each of both) await world.catchUp(each);
    expect(both.map(world.owned)).toEqual([[0], [1]]);
    await expectTruth(world);
    for (const each of both) await each.stop();
  });

  it("wait no longer for a partition that is another's now", async () => {
    const world = sharedWorld(2);
    const write: typeof world.store.write = (view, partials, expiresAt, signal) =>
      partials.segment.partition === 0
        ? world.store.write(view, partials, expiresAt, signal)
        : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    for (const partition of [0, 1]) append(world, partition, 5);
    const stuck = world.start("a", { store: { ...world.store, write } });
    let caughtUp = false;
    const waiting = stuck.layer.caughtUp(never).then(() => {
      caughtUp = true;
    });
    await world.clock.advance(5_000);
    expect(caughtUp).toBe(false);
    const second = world.start("b");
    await advanceUntil(world.clock, waiting);
    await world.catchUp(second);
    await expectTruth(world);
    for (const each of [stuck, second]) await each.stop();
  });

  it("deliver to a sink once each, also when a partition moves", async () => {
    const world = sharedWorld(2);
    const written: string[] = [];
    const sink = { name: "sink", write: async ({ id }: SinkBatch<unknown>) => void written.push(id), close: async () => undefined };
    const outputs = [deliver(plays, sink)];
    for (const partition of [0, 1]) append(world, partition, 3);
    const first = world.start("a", { views: [], outputs });
    await world.clock.advance(50);
    const second = world.start("b", { views: [], outputs });
    await world.clock.advance(50);
    for (const partition of [0, 1]) append(world, partition, 2);
    await world.clock.advance(50);
    expect([first, second].map(({ layer }) => layer.status().outputs.map(({ partition, until }) => [partition, until]))).toEqual([[[0, 4]], [[1, 4]]]);
    await first.stop();
    for (const partition of [0, 1]) append(world, partition, 1);
    await world.clock.advance(50);
    await second.stop();
    expect(written.sort()).toEqual([0, 1].flatMap((partition) => [0, 1, 2, 3, 4].map((first) => `plays/v1024-p${partition}/${first}`)));
  });

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), partition: fc.nat(2), count: fc.integer({ min: 1, max: 20 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("start" as const), flushMinMs: fc.constantFrom(0, 20, 400) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("stop" as const), which: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(1, 30, 500) }) },
  );

  it("make of the log what one makes of it, however they come and go", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const world = sharedWorld(3);
        const running: Running[] = [];
        let started = 0;
        for (const next of steps) {
          if (next.do === "append") append(world, next.partition, next.count);
          else if (next.do === "pass") await world.clock.advance(next.ms);
          else if (next.do === "start") running.push(world.start(`w${started++}`, { flushMinMs: next.flushMinMs }));
          else if (running.length > 0) await running.splice(next.which % running.length, 1)[0]!.stop();
        }
        running.push(world.start("last"));
        await world.clock.advance(1_500);
        for (const each of running) await advanceUntil(world.clock, each.layer.caughtUp(never), 10, 5_000);
        await expectTruth(world);
        const all = running.flatMap(world.owned);
        expect([...all].sort()).toEqual([0, 1, 2]);
        for (const each of running) await each.stop();
      }),
      { numRuns: 60 },
    );
  });
});
