import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import { clientPort, clientSettings } from "./client-settings.js";
import { kafkaKind } from "./kafka-kind.js";
import type { KafkaOptions } from "./kafka-options.js";
import { readCertificate } from "./tls-files.js";

/** One broker that can be hurt. */
export interface KafkaBroker {
  /** From 1. */
  readonly id: number;
  /** The port for clients. */
  readonly port: number;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly running: boolean;
  readonly pid: number | undefined;
  /** `kill -9`; resolves once it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does; resolves once it is gone. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data; resolves when it answers. */
  start(signal?: AbortSignal): Promise<void>;
  /** It stands still (SIGSTOP): connections stay open, nothing answers. */
  pause(): void;
  /** It goes on (SIGCONT). */
  resume(): void;
}

/** A Kafka that answers. */
export interface RunningKafka extends RunningServer {
  /** `host:port`, comma between several. */
  readonly bootstrap: string;
  /** The same brokers without SASL and TLS, for a test's own clients. */
  readonly plaintextBootstrap: string;
  readonly brokers: readonly KafkaBroker[];
  /** The name to give, where clients must give one; in the form of kafkajs, and a new object each time, because kafkajs writes into what it is given. */
  readonly sasl: { readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; readonly username: string; readonly password: string } | undefined;
  /** Where connections are encrypted: the certificate to trust, PEM. */
  readonly tls: { readonly ca: string } | undefined;
}

/**
 * Starts Kafka 4.3 as plain processes on 127.0.0.1 and resolves when every broker answers a client. Needs Java 17 or
 * newer, and Maven for the first time. Topics are not created by use; new topics have `LogAppendTime`.
 *
 * The brokers end with this process, however it ends.
 *
 * @throws {MissingToolError} no Java, no Maven
 * @throws {InstallError} the jars could not be fetched
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} a broker died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using kafka = await startKafka({ brokers: 3 });
 * await kafka.brokers[1]!.kill();
 */
export async function startKafka(options: KafkaOptions = {}, signal?: AbortSignal): Promise<RunningKafka> {
  const instance = await Instance.start(kafkaKind, options, signal);
  const ids = instance.nodes.map((_, i) => i + 1);
  const brokers = instance.nodes.map((node, i): KafkaBroker => {
    const id = i + 1;
    const port = clientPort(instance, id);
    return {
      id,
      port,
      address: `127.0.0.1:${port}`,
      get running() {
        return node.running;
      },
      get pid() {
        return node.process?.record.pid;
      },
      kill: () => node.kill(),
      stop: () => node.stop(),
      start: (startSignal) => node.start(startSignal),
      pause: () => node.pause(),
      resume: () => node.resume(),
    };
  });
  return {
    bootstrap: brokers.map(({ address }) => address).join(","),
    plaintextBootstrap: ids.map((id) => `127.0.0.1:${instance.ports[`broker-${id}`]}`).join(","),
    brokers,
    get sasl() {
      return clientSettings(options, instance, ids).sasl;
    },
    tls: options.listeners?.tls === true ? { ca: readCertificate(instance.runDir) } : undefined,
    ...runningServer(instance),
  };
}
