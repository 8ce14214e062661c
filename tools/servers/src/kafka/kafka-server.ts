import { Option } from "commander";
import type { KnownServer } from "../cli/known-server.js";
import { toPort } from "../cli/to-port.js";
import { Instance } from "../instance/instance.js";
import { clientPort, clientSettings } from "./client-settings.js";
import { kafkaKind } from "./kafka-kind.js";
import type { KafkaOptions, SaslMechanism } from "./kafka-options.js";
import { optionsOf } from "../instance/options-of.js";

interface Flags {
  readonly brokers?: "1" | "3";
  readonly kafkaPort?: number;
  readonly sasl?: SaslMechanism;
  readonly tls?: true;
}

/** Kafka in the command. */
export const kafkaServer: KnownServer = {
  name: "kafka",
  addOptions: (up) =>
    void up
      .addOption(new Option("--brokers <n>", "kafka: brokers").choices(["1", "3"]))
      .option("--kafka-port <port>", "kafka: port of the first broker; default: free ports", toPort)
      .addOption(new Option("--sasl <mechanism>", "kafka: clients give a name and a password").choices(["plain", "scram-sha-256", "scram-sha-512"]))
      .option("--tls", "kafka: connections are encrypted"),
  start(runDir, flags, signal) {
    const { brokers, kafkaPort, sasl, tls } = flags as Flags;
    const options: KafkaOptions = {
      ...optionsOf(kafkaKind, runDir),
      runDir,
      ...(brokers === undefined ? {} : { brokers: Number(brokers) as 1 | 3 }),
      ...(kafkaPort === undefined ? {} : { port: kafkaPort }),
      ...(sasl === undefined && tls === undefined ? {} : { listeners: { ...(sasl === undefined ? {} : { sasl }), ...(tls === undefined ? {} : { tls }) } }),
    };
    return Instance.start(kafkaKind, options, signal);
  },
  find: (runDir) => Instance.find(kafkaKind, { runDir }),
  access: (instance) => {
    const { brokers, sasl, ssl } = clientSettings(optionsOf(kafkaKind, instance.runDir), instance, instance.nodes.map((_, i) => i + 1));
    return { bootstrap: brokers.join(","), ...(sasl === undefined ? {} : { sasl }), ...(ssl === undefined ? {} : { tls: ssl }) };
  },
  addresses: (instance) => instance.nodes.map((_, i) => `127.0.0.1:${clientPort(instance, i + 1)}`),
};
