// Whether the simulator has made its topics: `node topics.mjs host:port`.
import kafkajs from "kafkajs";

const TOPICS = ["listen_events", "page_view_events", "auth_events", "status_change_events"];
const admin = new kafkajs.Kafka({ clientId: "health", brokers: [process.argv[2] ?? ""], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 0 } }).admin();
await admin.connect();
const there = await admin.listTopics();
await admin.disconnect();
process.exitCode = TOPICS.every((topic) => there.includes(topic)) ? 0 : 1;
