import { startCassandra, startKafka } from "@millrace/servers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { eventually } from "../recovery/answers-of-totals.js";
import { mixedWorld, type MixedServers } from "./mixed-world.js";

/** How long a server is away. */
const AWAY_MS = Number(process.env["MILLRACE_AWAY_MS"] ?? 20_000);
/** So few that they are used up in a few seconds of an outage. */
const MAX_IN_FLIGHT = 500;

let kafka: Awaited<ReturnType<typeof startKafka>>;
let cassandra: Awaited<ReturnType<typeof startCassandra>>;
let servers: MixedServers;
beforeAll(async () => {
  [kafka, cassandra] = await Promise.all([startKafka(), startCassandra()]);
  const { contactPoints, port, localDataCenter } = cassandra;
  servers = { brokers: kafka.bootstrap.split(","), cassandra: { contactPoints, port, localDataCenter } };
});
afterAll(() => Promise.all([kafka.stop(), cassandra.stop()]));

it("waits for Cassandra behind its credits, without growing, and then goes on", { timeout: 240_000 + AWAY_MS }, async () => {
  const world = await mixedWorld(servers, { maxInFlight: MAX_IN_FLIGHT });
  const [producer, speed] = [world.producer(), world.speed("speed", "--serve", "--port", "0")];
  producer.start();
  await producer.ready();
  speed.start();
  const url = await eventually(async () => /serving on (http:\S+)/.exec(speed.output)?.[1], 0);
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  await world.expectCaughtUp();
  const durable = await metric("millrace_speed_durable_offset");
  const [node] = cassandra.nodes;
  node!.pause();
  onTestFinished(() => node!.resume());
  await delay(AWAY_MS / 2);
  const [inFlight, rss] = [await metric("millrace_speed_in_flight_records"), await metric("process_resident_memory_bytes")];
  await delay(AWAY_MS / 2);
  // Credits are used up, so nothing more is read, and memory stays.
  expect(await metric("millrace_speed_in_flight_records")).toBe(inFlight);
  expect(inFlight).toBeGreaterThan(2 * MAX_IN_FLIGHT);
  expect(inFlight).toBeLessThanOrEqual(4 * MAX_IN_FLIGHT);
  expect(await metric("process_resident_memory_bytes")).toBeLessThan(rss + 64 * 2 ** 20);
  node!.resume();
  await eventually(async () => ((await metric("millrace_speed_durable_offset")) > durable ? true : undefined), 0);
  await producer.stop();
  await world.expectAcknowledged(producer);
  await world.expectExact(0);
  speed.assertAlive();
});

it("waits for Kafka, and then goes on where it stood", { timeout: 240_000 + AWAY_MS }, async () => {
  const world = await mixedWorld(servers);
  const [producer, first, second] = [world.producer(), world.speed("first"), world.speed("second")];
  producer.start();
  await producer.ready();
  first.start();
  second.start();
  await world.expectCaughtUp();
  const [broker] = kafka.brokers;
  await broker!.kill();
  await delay(AWAY_MS);
  for (const victim of [producer, first, second]) victim.assertAlive();
  await broker!.start();
  await world.expectCaughtUp();
  await producer.stop();
  await world.expectAcknowledged(producer);
  await world.expectExact(0);
  for (const victim of [first, second]) victim.assertAlive();
});
