import { kafkaLog } from "@millrace/core/kafka";
import { expect, inject, it } from "vitest";
import { simulateUntil, TOPICS, type SimulatorOptions } from "../simulator/index.js";
import { openKafka } from "./open-kafka.js";
import { runSimulate } from "./run-simulate.js";

const { signal } = new AbortController();
const brokers = [inject("kafka").bootstrap];

it("sends each record once, a user's to one partition in their order", async () => {
  const startMs = Date.UTC(2025, 0, 6);
  const untilMs = startMs + 86_400_000;
  const options: SimulatorOptions = { seed: 5, users: 300, startMs };
  const target = await openKafka(brokers, signal);
  const log = kafkaLog({ brokers });
  const ends = async () => Promise.all(TOPICS.map(async (topic) => (await log.describe(topic, signal)).partitions.map(({ end }) => end)));
  // The broker is everyone's: others may have simulated before.
  const before = await ends();
  const sent = await runSimulate({ options, untilMs, target, clock: undefined, onProgress: () => {} }, signal);
  await target.close();
  const after = await ends();

  const expected = [...simulateUntil(options, untilMs)];
  expect(sent.total).toBe(expected.length);
  for (const [t, topic] of TOPICS.entries()) {
    const partitionOf = new Map<string, number>();
    const values: string[][] = [];
    for (const [partition, from] of before[t]!.entries()) {
      const own: string[] = [];
      for await (const { length, data, valueStart, valueEnd, keyStart, keyEnd, position } of log.read({ topic, partition, from }, signal)) {
        for (let i = 0; i < length; i++) {
          own.push(Buffer.from(data.subarray(valueStart[i], valueEnd[i])).toString());
          const user = Buffer.from(data.subarray(keyStart![i], keyEnd![i])).toString();
          expect(partitionOf.get(user) ?? partition).toBe(partition);
          partitionOf.set(user, partition);
        }
        if (position >= after[t]![partition]!) break;
      }
      values.push(own);
    }
    const events = expected.filter((event) => event.topic === topic);
    expect(values).toEqual(before[t]!.map((_, partition) => events.filter(({ userId }) => partitionOf.get(String(userId)) === partition).map(({ value }) => value)));
  }
  await log.close();
});
