import { onAbort } from "../delivery/on-abort.js";
import { kafkajsFailure } from "./classify-error.js";
import { KafkaError } from "./kafka-error.js";
import { KAFKAJS_VERSION, KafkajsVersionError } from "./kafkajs-internals.js";
import type { KafkajsCluster, KafkajsConnection } from "./kafkajs-internals.js";

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** A kind of request, in the version that is spoken here. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly version: number;
}

/** How long a broker may take beyond what a request asks it to wait, ms. */
const ANSWER_MS = 10_000;

/** One connection to one broker, made and authenticated by kafkajs, over which we speak ourselves. */
export class BrokerConnection {
  readonly #connection: KafkajsConnection;
  readonly #address: string;
  readonly #shared: boolean;

  private constructor(connection: KafkajsConnection, address: string, shared: boolean) {
    this.#connection = connection;
    this.#address = address;
    this.#shared = shared;
  }

  /** Without an address: to the next of the brokers that the settings name. `shared`: others may wait for answers when one aborts. */
  static async open(cluster: KafkajsCluster, apis: readonly Api[], shared: boolean, address?: BrokerAddress): Promise<BrokerConnection> {
    let name = address === undefined ? "a broker" : `broker ${address.host}:${address.port}`;
    let connection: KafkajsConnection | undefined;
    try {
      const pool = await cluster.connectionPoolBuilder.build(address);
      name = `broker ${pool.host}:${pool.port}`;
      connection = pool.pool[0];
      if (typeof connection?.send !== "function" || typeof connection.rejectRequests !== "function" || typeof connection.requestQueue?.scheduleCheckPendingRequests !== "function") throw new KafkajsVersionError(`its connections are not those of kafkajs ${KAFKAJS_VERSION}`);
      withoutSpinning(connection);
      const broker = cluster.brokerPool.createBroker({ connectionPool: pool, logger: cluster.rootLogger });
      await broker.connect();
      for (const { key, name: api, version } of apis) {
        const spoken = broker.versions?.[key];
        if (spoken === undefined || spoken.minVersion > version || spoken.maxVersion < version) {
          throw new KafkaError(`connecting to ${name}`, `it does not speak ${api} in version ${version}`, { retryable: false, kafkaCode: "UNSUPPORTED_VERSION", advice: "the adapter needs brokers of Kafka 3.1 or later" });
        }
      }
      return new BrokerConnection(connection, name, shared);
    } catch (error) {
      void connection?.disconnect().catch(() => {});
      throw kafkajsFailure(`connecting to ${name}`, error);
    }
  }

  get open(): boolean {
    return this.#connection.isConnected();
  }

  /**
   * The answer's bytes, after its header. A broker that takes too long, and an abort where nobody else waits, close the
   * connection: what comes late is of no use.
   */
  async send(api: Api, body: Buffer, doing: string, signal: AbortSignal, waitMs = 0): Promise<Buffer> {
    signal.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    let forget: (() => unknown) | undefined;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const end = (error: Error): void => {
          reject(error);
          this.close();
        };
        timer = setTimeout(() => end(new KafkaError(doing, `${this.#address} did not answer within ${waitMs + ANSWER_MS} ms`, { retryable: true })), waitMs + ANSWER_MS);
        forget = onAbort(signal, () => (this.#shared ? reject : end)(signal.reason as Error));
        this.#connection
          .send<Buffer>({
            request: { apiKey: api.key, apiVersion: api.version, apiName: api.name, encode: async () => ({ buf: body, buffer: body }) },
            response: { decode: async (payload) => payload, parse: async (payload) => payload },
            logResponseError: false,
          })
          .then(resolve, (error: unknown) => reject(kafkajsFailure(doing, error)));
      });
    } finally {
      clearTimeout(timer);
      forget?.();
    }
  }

  /** At once: whoever waits for an answer gets an error. */
  close(): void {
    const connection = this.#connection;
    connection.rejectRequests(new KafkaError(`waiting for ${this.#address}`, "the connection was closed", { retryable: true }));
    // kafkajs would leave the socket to the broker, which may answer what nobody waits for any more.
    void connection.disconnect().finally(() => connection.socket?.destroy()).catch(() => {});
  }
}

/** kafkajs looks every millisecond whether requests wait, also when none do (tulios/kafkajs#1751), and so holds the process. */
function withoutSpinning({ requestQueue }: KafkajsConnection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule();
  };
}
