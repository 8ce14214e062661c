import { MillraceError } from "../errors/millrace-error.js";

/*
 * The parts of kafkajs 2.2.4 that lie below its public interface and are used here: connections, with their SASL and
 * TLS, and no more. What is sent over them and how the answer is read is ours (docs/decisions/018-kafka-reading.md).
 */

/** `src/cluster/index.js`, without its broker pool. */
export interface KafkajsCluster {
  readonly connectionPoolBuilder: {
    /** Without an address: to the next of the settings' brokers. */
    build(address?: { readonly host: string; readonly port: number; readonly rack: string | null }): Promise<KafkajsConnectionPool>;
  };
  readonly brokerPool: {
    createBroker(options: { readonly connectionPool: KafkajsConnectionPool; readonly logger: unknown }): KafkajsBroker;
  };
  readonly rootLogger: unknown;
}

/** `src/network/connectionPool.js`: two connections of one broker, opened at first use. */
export interface KafkajsConnectionPool {
  readonly host: string;
  readonly port: number;
  readonly pool: readonly KafkajsConnection[];
}

/** `src/broker/index.js`. */
export interface KafkajsBroker {
  /** API key -> what the broker speaks; filled by `connect`. */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
  /** Connects, asks for the versions, authenticates. */
  connect(): Promise<void>;
}

/** `src/network/connection.js`. */
export interface KafkajsConnection {
  isConnected(): boolean;
  send<T>(exchange: {
    readonly request: { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string; encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
    readonly response: { decode(payload: Buffer): Promise<Buffer & { clientSideThrottleTime?: number }>; parse(payload: Buffer): Promise<T> };
    readonly logResponseError: boolean;
  }): Promise<T>;
  readonly requestQueue: {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  };
  readonly socket?: { destroy(): void };
  rejectRequests(error: Error): void;
  disconnect(): Promise<unknown>;
}

/** The version whose inner parts these are. kafkajs has had no release since. */
export const KAFKAJS_VERSION = "2.2.4";

/** The given object is no client of kafkajs, or one of another version. */
export class KafkajsVersionError extends MillraceError {
  readonly code = "KAFKAJS_VERSION";
  readonly retryable = false;

  constructor(why: string) {
    super(`taking a client of kafkajs: ${why}`, { advice: `install exactly that version: npm install kafkajs@${KAFKAJS_VERSION}` });
  }
}

/**
 * The maker of clusters inside a `Kafka` object.
 *
 * @throws {KafkajsVersionError} when the object is not that of kafkajs 2.2.4.
 */
export function clusterOf(kafka: object): KafkajsCluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === "private:Kafka:createCluster");
  const create = symbol === undefined ? undefined : (kafka as Record<symbol, unknown>)[symbol];
  if (typeof create !== "function") throw new KafkajsVersionError(`it is not a Kafka object of kafkajs ${KAFKAJS_VERSION}`);
  const cluster = (create as (options: object) => unknown)({ allowAutoTopicCreation: false }) as Partial<KafkajsCluster> | undefined;
  if (typeof cluster?.connectionPoolBuilder?.build !== "function" || typeof cluster.brokerPool?.createBroker !== "function") {
    throw new KafkajsVersionError(`its inner parts are not those of kafkajs ${KAFKAJS_VERSION}`);
  }
  return cluster as KafkajsCluster;
}
