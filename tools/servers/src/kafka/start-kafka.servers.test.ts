import { Kafka, logLevel } from "kafkajs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { RunFolderError } from "../errors/run-folder-error.js";
import { readRunState } from "../instance/run-state.js";
import { alive, append, contents, createTopic, topics } from "../testing/kafka-records.js";
import { remains } from "../testing/remains.js";
import type { KafkaBroker } from "./start-kafka.js";
import { startKafka } from "./start-kafka.js";

const to = (bootstrap: string): { brokers: string[] } => ({ brokers: bootstrap.split(",") });

describe("one broker", () => {
  it("keeps its port and its records over a stop, and refuses to become another cluster", async () => {
    const runDir = await mkdtemp(path.join(os.tmpdir(), "millrace-servers-test-"));
    onTestFinished(() => rm(runDir, { recursive: true, force: true }));
    const first = await startKafka({ runDir });
    const { bootstrap } = first;
    try {
      await createTopic(to(bootstrap), "kept");
      await append(to(bootstrap), "kept", ["a", "b"]);
    } finally {
      await first.stop();
    }
    await expect(startKafka({ runDir, brokers: 3 })).rejects.toThrow(RunFolderError);
    await using second = await startKafka({ runDir });
    expect(second.bootstrap).toBe(bootstrap);
    await append(to(bootstrap), "kept", ["c"]);
    expect(await contents(to(bootstrap), "kept")).toEqual(["a", "b", "c"]);
  });

  it("stands beside another that starts at the same moment, and neither leaves anything", async () => {
    const both = await Promise.all([startKafka(), startKafka({ settings: { "log.message.timestamp.type": "CreateTime" } })]);
    const pids = both.flatMap(({ brokers }) => brokers.map(({ pid }) => pid!));
    try {
      const [one, other] = both;
      await createTopic(to(one.bootstrap), "of-one");
      await createTopic(to(other.bootstrap), "of-other");
      expect(await topics(to(one.bootstrap))).toEqual(["of-one"]);
      expect(await topics(to(other.bootstrap))).toEqual(["of-other"]);
    } finally {
      await Promise.all(both.map((each) => each.stop()));
    }
    expect(remains(pids, both.map(({ runDir }) => runDir))).toEqual([]);
  });

  it("stops what it has begun when it is told to while it starts", async () => {
    const stop = new AbortController();
    const runDir = await mkdtemp(path.join(os.tmpdir(), "millrace-servers-test-"));
    onTestFinished(() => rm(runDir, { recursive: true, force: true }));
    const starting = startKafka({ runDir }, stop.signal);
    await expect.poll(() => readRunState(runDir)?.processes["kafka-1"], { interval: 5 }).toBeDefined();
    const { pid } = readRunState(runDir)!.processes["kafka-1"]!;
    stop.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    expect(remains([pid], [])).toEqual([]);
  });

  it("says with the end of its log why it does not start", async () => {
    await expect(startKafka({ settings: { "log.retention.hours": "soon" } })).rejects.toThrow(/Invalid value soon for configuration log.retention.hours/);
  });
});

describe("three brokers", () => {
  // region kill
  it("go on without one that is killed or stands still, and take it back", async () => {
    await using kafka = await startKafka({ brokers: 3 });
    const [one, two, three] = kafka.brokers as readonly [KafkaBroker, KafkaBroker, KafkaBroker];
    await createTopic(to(kafka.bootstrap), "replicated", 3);
    await append(to(kafka.bootstrap), "replicated", ["a"]);

    const { pid } = two;
    await two.kill();
    expect([two.running, two.pid, remains([pid!], [])]).toEqual([false, undefined, []]);
    await expect.poll(() => alive({ brokers: [one.address] })).toEqual([1, 3]);
    await append({ brokers: [one.address, three.address] }, "replicated", ["b"]);
    await two.start();
    expect(two.running).toBe(true);
    expect(two.pid).not.toBe(pid);

    three.pause();
    await expect(alive({ brokers: [three.address], retry: { retries: 0 }, requestTimeout: 2_000 })).rejects.toThrow(/timed out|timeout/);
    expect(three.running).toBe(true);
    three.resume();
    await expect.poll(() => alive({ brokers: [three.address] })).toEqual([1, 2, 3]);
    expect(await contents(to(kafka.bootstrap), "replicated")).toEqual(["a", "b"]);
  });
  // endregion
});

describe("listeners with a name, a password and encryption", () => {
  it.each(["plain", "scram-sha-512"] as const)("%s lets in who knows them, and nobody else", async (mechanism) => {
    await using kafka = await startKafka({ listeners: { sasl: mechanism, tls: true } });
    const { tls, bootstrap } = kafka;
    expect(kafka.sasl?.mechanism).toBe(mechanism);
    const list = async (settings: object): Promise<readonly string[]> => {
      const admin = new Kafka({ ...to(bootstrap), ...settings, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
      try {
        await admin.connect();
        return await admin.listTopics();
      } finally {
        await admin.disconnect();
      }
    };
    expect(await list({ sasl: kafka.sasl, ssl: tls })).toEqual([]);
    await expect(list({ sasl: { ...kafka.sasl, password: "wrong" }, ssl: tls })).rejects.toThrow(/Authentication failed|Invalid username or password/);
    await expect(list({ sasl: kafka.sasl, ssl: true })).rejects.toThrow("self-signed certificate");
    await expect(list({ ssl: tls })).rejects.toThrow();
    expect(await topics(to(kafka.plaintextBootstrap))).toEqual([]);
  });
});
