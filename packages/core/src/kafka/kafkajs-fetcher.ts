import { decodeFetched, encodeFetchRequest, FETCH } from "./fetch-exchange.js";
import type { FetchRequest, Fetched, KafkaFetcher } from "./kafka-client.js";
import type { KafkajsBrokers } from "./kafkajs-brokers.js";
import type { BrokerConnection } from "./kafkajs-connection.js";
import type { Decompress } from "./record-set.js";

/**
 * Fetches from one partition over a connection of its own. A broker answers the requests of one connection one after the
 * other: on a shared one, a partition with records would wait for the long poll of one without.
 */
export class KafkajsFetcher implements KafkaFetcher {
  readonly #brokers: () => Promise<KafkajsBrokers>;
  readonly #decompress: Decompress;
  #connection: BrokerConnection | undefined;
  #leader = -1;
  #closed = false;

  constructor(brokers: () => Promise<KafkajsBrokers>, decompress: Decompress) {
    this.#brokers = brokers;
    this.#decompress = decompress;
  }

  async fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched> {
    const { topic, partition, offset, maxWaitMs } = request;
    const doing = `reading topic "${topic.name}" partition ${partition} from offset ${offset}`;
    const led = topic.partitions[partition];
    if (led === undefined || led.leader < 0) return { kind: "moved" };
    const connection = await this.#connect(led.leader, doing);
    const payload = await connection.send(FETCH, encodeFetchRequest(request, led.leaderEpoch), doing, signal, maxWaitMs);
    return decodeFetched(payload, request, doing, this.#decompress);
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close();
  }

  async #connect(leader: number, doing: string): Promise<BrokerConnection> {
    if (this.#connection?.open === true && this.#leader === leader) return this.#connection;
    this.#connection?.close();
    this.#connection = await (await this.#brokers()).openTo(leader, doing);
    this.#leader = leader;
    if (this.#closed) this.#connection.close();
    return this.#connection;
  }
}
