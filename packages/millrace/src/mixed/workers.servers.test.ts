import { UnservableError } from "@millrace/serving-layer";
import fc from "fast-check";
import { setTimeout as delay } from "node:timers/promises";
import { expect, inject, it } from "vitest";
import { eventually, expectBetween } from "../recovery/answers-of-totals.js";
import { mixedWorld } from "./mixed-world.js";

const KILLS = Number(process.env["MILLRACE_KILLS"] ?? 24);
const { bootstrap } = inject("kafka");
const servers = { brokers: bootstrap.split(","), cassandra: inject("cassandra") };

it(`answers the fold of the log after ${KILLS} workers of one group were killed or stood still under load`, { timeout: 180_000 + KILLS * 6_000 }, async () => {
  const world = await mixedWorld(servers);
  const seed = fc.readConfigureGlobal().seed ?? Date.now() & 0x7fffffff;
  const schedule = fc.sample(fc.record({ victim: fc.nat(3), afterMs: fc.integer({ min: 0, max: 600 }) }), { numRuns: KILLS, seed });

  const producer = world.producer();
  producer.start();
  await producer.ready();
  const victims = [world.speed("first speed worker"), world.speed("second speed worker"), world.ingest(), world.batch()];
  for (const victim of victims) victim.start();
  let answered = 0;
  for (const { victim: index, afterMs } of schedule) {
    const victim = victims[index]!;
    await victim.ready();
    await delay(afterMs);
    for (const other of world.victims) other.assertAlive();
    await victim.kill();
    victim.start();
    try {
      const { rows, envelope } = await world.query();
      const asOf = Object.fromEntries(envelope.asOf.map(({ partition, offset }) => [partition, offset]));
      expectBetween(rows, await world.fold(asOf), await world.fold());
      answered++;
    } catch (error) {
      if (!(error instanceof UnservableError)) throw new Error(`seed ${seed}: a reader failed`, { cause: error });
    }
  }
  expect(answered, `seed ${seed}`).toBeGreaterThan(0);
  await producer.stop();
  await world.expectAcknowledged(producer);
  await world.expectExact(seed);
  // And once every segment is in a generation, from the batch layer.
  const { ends } = await world.fold();
  const { generation } = await eventually(async () => {
    const { envelope } = await world.query();
    const cut = envelope.cut[world.topic] ?? [];
    return Object.entries(ends).every(([partition, end]) => cut.some((at) => String(at.partition) === partition && at.offset >= end)) ? envelope : undefined;
  }, seed);
  expect(generation).toBeGreaterThan(0);
  await world.expectExact(seed);
  for (const drift of await world.lambda.reconcile()) expect(drift.status, `seed ${seed}`).not.toBe("list");
});

it("goes on beside a worker that was thought dead and comes back", async () => {
  const world = await mixedWorld(servers);
  const producer = world.producer();
  const [zombie, living] = [world.speed("zombie"), world.speed("living")];
  producer.start();
  await producer.ready();
  zombie.start();
  await world.expectCaughtUp();
  living.start();
  await living.ready();
  for (let round = 0; round < 2; round++) {
    zombie.pause();
    // Longer than its session: its partitions are the other's by now.
    await delay(8_000);
    await world.expectCaughtUp();
    zombie.resume();
    await delay(1_000);
  }
  await producer.stop();
  await world.expectAcknowledged(producer);
  await world.expectExact(0);
  for (const victim of [zombie, living]) victim.assertAlive();
});

it("leaves rows as they are when the whole log is folded again over them", async () => {
  const world = await mixedWorld(servers);
  const producer = world.producer();
  producer.start();
  await producer.ready();
  const speed = world.speed();
  speed.start();
  await delay(4_000);
  await producer.stop();
  await world.expectExact(0);
  await speed.stop();
  const before = await world.storedRows();
  await world.foldAgain();
  expect(await world.storedRows()).toEqual(before);
  expect(before.length).toBeGreaterThan(50);
  await world.expectExact(0);
});
