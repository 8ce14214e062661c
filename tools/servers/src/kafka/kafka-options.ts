import type { InstanceOptions } from "../instance/instance.js";

/** The ways of SASL that a broker can be asked to offer. */
export type SaslMechanism = "plain" | "scram-sha-256" | "scram-sha-512";

/** How clients reach the brokers, where it is not without encryption and without a name. */
export interface KafkaListeners {
  /** Clients must give a name and a password. */
  readonly sasl?: SaslMechanism;
  /** Connections are encrypted; the certificate is made at the first start, for 127.0.0.1 and localhost. */
  readonly tls?: boolean;
}

/** What `startKafka` takes. */
export interface KafkaOptions extends InstanceOptions {
  /** One broker, or a cluster of three with replication factor 3 and `min.insync.replicas` 2. Default 1. */
  readonly brokers?: 1 | 3;
  /** Port of the first broker; with three brokers the next two follow. Default: free ports. */
  readonly port?: number;
  /** Broker settings over ours, as in `server.properties`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default: plaintext. */
  readonly listeners?: KafkaListeners;
  /** Largest heap of a broker, MB. Default: 512 for one broker, 256 for each of three. */
  readonly heapMb?: number;
}

/** The one user that secured listeners know. */
export const SASL_USER = { username: "millrace", password: "millrace-secret" } as const;
