import { expect, it } from "vitest";
import { brokerSettings, propertiesText } from "./broker-settings.js";

const ports = { "broker-1": 1, "broker-2": 2, "broker-3": 3, "controller-1": 11, "controller-2": 12, "controller-3": 13, "client-1": 21 };
const place = { runDir: "/run", ports };

it("three brokers know each other and keep every record twice before they acknowledge it", () => {
  expect(brokerSettings(2, { brokers: 3 }, place, "/run/kafka-2/data")).toMatchObject({
    "node.id": "2",
    "controller.quorum.voters": "1@127.0.0.1:11,2@127.0.0.1:12,3@127.0.0.1:13",
    listeners: "PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:12",
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "auto.create.topics.enable": "false",
    "log.message.timestamp.type": "LogAppendTime",
  });
});

it("a secured listener is one more, and a setting of the caller goes over ours", () => {
  const settings = brokerSettings(1, { listeners: { sasl: "scram-sha-256", tls: true }, settings: { "num.partitions": "9" } }, place, "/data");
  expect(settings).toMatchObject({
    "advertised.listeners": "PLAINTEXT://127.0.0.1:1,CLIENT://127.0.0.1:21",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:SASL_SSL",
    "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-256",
    "num.partitions": "9",
  });
});

it("writes properties as Java reads them", () => {
  expect(propertiesText({ a: "1", "b.c": "C:\\data" })).toBe("a=1\nb.c=C:\\\\data\n");
});
