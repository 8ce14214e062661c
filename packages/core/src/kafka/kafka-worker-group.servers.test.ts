import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, it } from "vitest";
import { workerGroupConformance } from "../testing/worker-group-conformance.js";
import { kafkaLog } from "./kafka-log.js";
import { kafkaWorkerGroup } from "./kafka-worker-group.js";

const never = new AbortController().signal;
const bootstrap = inject("kafka").bootstrap;
/** The shortest that brokers take by default. */
const sessionTimeoutMs = 6_000;
let run = 0;

describe("kafkaWorkerGroup", () => {
  workerGroupConformance(it, async () => {
    const prefix = `workers-${process.pid}-${Date.now().toString(36)}-${run++}-`;
    const topic = `${prefix}plays`;
    const log = kafkaLog({ brokers: [bootstrap] });
    await log.createTopic(topic, { partitions: 3 }, never);
    const open = (): ReturnType<typeof kafkaWorkerGroup> => kafkaWorkerGroup({ brokers: [bootstrap], groupPrefix: prefix, sessionTimeoutMs });
    const opened = [open()];
    return {
      workers: opened[0]!,
      another: async () => {
        const other = open();
        opened.push(other);
        return other;
      },
      topic,
      partitions: 3,
      addPartitions: (partitions) => log.createTopic(topic, { partitions }, never),
      dieJoined: async (group) => {
        const script = fileURLToPath(new URL("./kafka-worker-group.test-process.ts", import.meta.url));
        const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, bootstrap, prefix, group, topic, String(sessionTimeoutMs)], { stdio: ["ignore", "pipe", "inherit"] });
        await new Promise((resolve) => child.stdout.once("data", resolve));
        child.kill("SIGKILL");
        await new Promise((resolve) => child.once("exit", resolve));
      },
      dispose: async () => {
        await Promise.all(opened.map((each) => each.close()));
        await log.close();
      },
    };
  });

  it("consumes nothing, commits nothing, and moves only what must move", async () => {
    const prefix = `workers-${process.pid}-${Date.now().toString(36)}-${run++}-`;
    const topic = `${prefix}plays`;
    const log = kafkaLog({ brokers: [bootstrap] });
    await log.createTopic(topic, { partitions: 5 }, never);
    await log.append(topic, Array.from({ length: 100 }, () => ({ value: "v" })), never);
    const workers = [1, 2].map(() => kafkaWorkerGroup({ brokers: [bootstrap], groupPrefix: prefix, sessionTimeoutMs }));
    const owned: number[][] = [[], []];
    const join = async (member: number): Promise<void> => {
      for await (const now of workers[member]!.join({ group: "g", topics: [topic] }, never)) owned[member] = now.map(({ partition }) => partition);
    };
    const first = join(0);
    await expect.poll(() => owned[0]).toEqual([0, 1, 2, 3, 4]);
    const second = join(1);
    await expect.poll(() => owned.map(({ length }) => length)).toEqual([3, 2]);
    const kept = owned[0]!;
    await workers[1]!.close();
    await second;
    await expect.poll(() => owned[0]).toEqual([0, 1, 2, 3, 4]);
    expect(kept.length).toBe(3);
    const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const [committed] = await admin.fetchOffsets({ groupId: `${prefix}g`, topics: [topic] });
    expect(new Set(committed!.partitions.map(({ offset }) => offset))).toEqual(new Set(["-1"]));
    await admin.disconnect();
    await workers[0]!.close();
    await first;
    await log.close();
  });
});
