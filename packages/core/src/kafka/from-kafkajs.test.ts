import { Kafka, logLevel } from "kafkajs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { brokerRefusal, kafkajsFailure } from "./classify-error.js";
import { fromKafkajs } from "./from-kafkajs.js";
import { KafkaError } from "./kafka-error.js";
import { checkVersion } from "./load-kafkajs.js";

const never = new AbortController().signal;

describe("fromKafkajs", () => {
  it("takes a Kafka object of kafkajs, and refuses what only looks like one", () => {
    expect(fromKafkajs(new Kafka({ brokers: ["localhost:1"], logLevel: logLevel.NOTHING }))).toHaveProperty("fetcher");
    const other = { producer: () => {}, admin: () => {} } as unknown as Kafka;
    expect(() => fromKafkajs(other)).toThrow("it is not a Kafka object of kafkajs 2.2.4");
    const changed = Object.assign(other, { [Symbol("private:Kafka:createCluster")]: () => ({}) });
    expect(() => fromKafkajs(changed)).toThrow("its inner parts are not those of kafkajs 2.2.4");
  });

  it("refuses another version than the one whose inner parts it knows", () => {
    expect(() => checkVersion("2.3.0")).toThrow("version 2.3.0 is installed");
    expect(() => checkVersion("2.2.4")).not.toThrow();
  });

  it("says after its patience that no broker answers, with an error that may pass", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const client = fromKafkajs({ brokers: [`127.0.0.1:${port}`] }, { patienceMs: 200 });
    onTestFinished(() => client.close());
    await expect(client.topic("plays", never)).rejects.toMatchObject({ name: "KafkaError", retryable: true, message: expect.stringContaining("ECONNREFUSED") as string });
  });

  it("ends soon when aborted, though nobody answers", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = fromKafkajs({ brokers: [`127.0.0.1:${port}`], connectionTimeout: 60_000 });
    onTestFinished(() => client.close());
    const controller = new AbortController();
    const asked = client.topics(controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("errors", () => {
  it.each([
    [3, "UNKNOWN_TOPIC_OR_PARTITION", true],
    [6, "NOT_LEADER_OR_FOLLOWER", true],
    [10, "MESSAGE_TOO_LARGE", false],
    [19, "NOT_ENOUGH_REPLICAS", true],
    [29, "TOPIC_AUTHORIZATION_FAILED", false],
    [35, "UNSUPPORTED_VERSION", false],
    [-1, "code -1", false],
  ])("code %i of a broker is %s, retryable: %s", (code, name, retryable) => {
    expect(brokerRefusal("reading", code)).toMatchObject({ kafkaCode: name, retryable });
  });

  it("of kafkajs are taken for what they wrap", () => {
    const inner = Object.assign(new Error("This server does not host this topic-partition"), { name: "KafkaJSProtocolError", type: "UNKNOWN_TOPIC_OR_PARTITION", code: 3, retriable: true });
    const wrapped = Object.assign(new Error("retries", { cause: inner }), { name: "KafkaJSNumberOfRetriesExceeded", retriable: false });
    expect(kafkajsFailure("creating", wrapped)).toMatchObject({ kafkaCode: "UNKNOWN_TOPIC_OR_PARTITION", retryable: true });
    const refused = Object.assign(new Error("Connection error"), { name: "KafkaJSConnectionError", code: "ECONNREFUSED", retriable: true });
    expect(kafkajsFailure("reading", Object.assign(new Error("x", { cause: refused }), { name: "KafkaJSNonRetriableError" }))).toMatchObject({ retryable: true });
    expect(kafkajsFailure("reading", new TypeError("a bug"))).toMatchObject({ retryable: false });
    const unknown = Object.assign(new Error("Unknown error code 90"), { name: "KafkaJSProtocolError", type: "KAFKAJS_UNKNOWN_ERROR_CODE", code: -99, retriable: false });
    expect(kafkajsFailure("writing", unknown)).toMatchObject({ kafkaCode: "PRODUCER_FENCED", retryable: false });
    const own = new KafkaError("reading", "why", { retryable: true });
    expect(kafkajsFailure("other", own)).toBe(own);
  });
});
