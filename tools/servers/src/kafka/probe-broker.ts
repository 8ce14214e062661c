import type { SASLOptions } from "kafkajs";
import { Kafka, logLevel } from "kafkajs";
import { NotYetError } from "../errors/not-yet-error.js";
import type { KafkaClientSettings } from "./client-settings.js";

/** Resolves when a broker answers what a client asks first, lists its topics, and sees itself among at least `count` live brokers. */
export async function probeBroker(id: number, count: number, { brokers, sasl, ssl }: KafkaClientSettings, signal: AbortSignal): Promise<void> {
  const admin = new Kafka({
    clientId: "millrace-servers",
    brokers: [...brokers],
    ...(sasl === undefined ? {} : { sasl: sasl as SASLOptions }),
    ...(ssl === undefined ? {} : { ssl: { ca: ssl.ca } }),
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 10_000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    signal.throwIfAborted();
    const cluster = await admin.describeCluster();
    const alive = cluster.brokers.map(({ nodeId }) => nodeId);
    if (!alive.includes(id) || alive.length < count) throw new NotYetError(`broker ${id} sees the brokers ${JSON.stringify(alive)}`);
    await admin.listTopics();
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
