// A member in a process of its own: says what it owns, one JSON line a change, until it is killed.
import { kafkaWorkerGroup } from "./kafka-worker-group.js";

const [bootstrap, groupPrefix, group, topic, sessionTimeoutMs] = process.argv.slice(2) as [string, string, string, string, string];
const workers = kafkaWorkerGroup({ brokers: [bootstrap], groupPrefix, sessionTimeoutMs: Number(sessionTimeoutMs) });
for await (const owned of workers.join({ group, topics: [topic] }, new AbortController().signal)) console.log(JSON.stringify(owned));
