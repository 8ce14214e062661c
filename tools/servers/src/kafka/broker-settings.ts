import path from "node:path";
import type { Place } from "../instance/server-kind.js";
import type { KafkaOptions } from "./kafka-options.js";
import { SASL_USER } from "./kafka-options.js";
import { tlsFiles } from "./tls-files.js";

const HOST = "127.0.0.1";

/** The `server.properties` of one broker, which is a controller as well. */
export function brokerSettings(id: number, options: KafkaOptions, { runDir, ports }: Place, dataDir: string): Readonly<Record<string, string>> {
  const brokers = options.brokers ?? 1;
  const ids = Array.from({ length: brokers }, (_, i) => i + 1);
  const replicas = String(brokers);
  const minInSync = brokers === 3 ? "2" : "1";
  const { sasl, tls } = options.listeners ?? {};
  const secured = sasl !== undefined || tls === true;
  const listeners = [`PLAINTEXT://${HOST}:${ports[`broker-${id}`]}`, ...(secured ? [`CLIENT://${HOST}:${ports[`client-${id}`]}`] : [])];
  const protocol = `${sasl === undefined ? "" : "SASL_"}${tls === true ? "SSL" : "PLAINTEXT"}`;
  return {
    "process.roles": "broker,controller",
    "node.id": String(id),
    "controller.quorum.voters": ids.map((each) => `${each}@${HOST}:${ports[`controller-${each}`]}`).join(","),
    listeners: [...listeners, `CONTROLLER://${HOST}:${ports[`controller-${id}`]}`].join(","),
    "advertised.listeners": listeners.join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${secured ? `,CLIENT:${protocol}` : ""}`,
    "log.dirs": dataDir,

    // A topic that nobody created is a mistake, and times are those of the log.
    "auto.create.topics.enable": "false",
    "log.message.timestamp.type": "LogAppendTime",
    "num.partitions": "3",
    "default.replication.factor": replicas,
    "min.insync.replicas": minInSync,
    "offsets.topic.replication.factor": replicas,
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": minInSync,
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": minInSync,
    "group.initial.rebalance.delay.ms": "0",

    // A small machine.
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.index.size.max.bytes": "1048576",

    // A dead broker is noticed after 6 s, not after 9.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    "replica.lag.time.max.ms": "10000",

    ...(sasl === undefined ? {} : saslSettings(sasl)),
    ...(tls === true ? { "listener.name.client.ssl.keystore.type": "PEM", "listener.name.client.ssl.keystore.location": path.join(runDir, tlsFiles.keystore) } : {}),
    ...options.settings,
  };
}

function saslSettings(mechanism: string): Readonly<Record<string, string>> {
  const name = mechanism.toUpperCase();
  const { username, password } = SASL_USER;
  const prefix = `listener.name.client.${mechanism}`;
  return {
    "listener.name.client.sasl.enabled.mechanisms": name,
    // The names of SCRAM are in the metadata log, where formatting put ours.
    [`${prefix}.sasl.jaas.config`]:
      mechanism === "plain"
        ? `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`
        : "org.apache.kafka.common.security.scram.ScramLoginModule required;",
  };
}

/** As a file of Java properties. */
export const propertiesText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
