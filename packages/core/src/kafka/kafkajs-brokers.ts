import { brokerRefusal } from "./classify-error.js";
import { DESCRIBE_CONFIGS } from "./describe-configs-exchange.js";
import { FETCH } from "./fetch-exchange.js";
import type { KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { BrokerConnection } from "./kafkajs-connection.js";
import type { BrokerAddress } from "./kafkajs-connection.js";
import type { KafkajsCluster } from "./kafkajs-internals.js";
import { LIST_OFFSETS } from "./list-offsets-exchange.js";
import { METADATA, decodeMetadata, encodeMetadataRequest } from "./metadata-exchange.js";
import type { Metadata } from "./metadata-exchange.js";
import { INIT_PRODUCER_ID, PRODUCE } from "./produce-exchange.js";

const SPOKEN = [DESCRIBE_CONFIGS, FETCH, INIT_PRODUCER_ID, LIST_OFFSETS, METADATA, PRODUCE];
const UNKNOWN_TOPIC = 3;
const INVALID_TOPIC = 17;

/** The brokers of a cluster: where they are, one connection to each that is asked for something, and what they tell. */
export class KafkajsBrokers {
  readonly #cluster: KafkajsCluster;
  #addresses: ReadonlyMap<number, BrokerAddress> = new Map();
  /** By what they are for, and the broker's number. */
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  #turn = 0;
  #closed = false;

  constructor(cluster: KafkajsCluster) {
    this.#cluster = cluster;
  }

  /**
   * What one broker says about topics, all of them without `names`.
   *
   * @throws {KafkaError} retryable, when none can be asked.
   */
  async metadata(names: readonly string[] | undefined, doing: string, signal: AbortSignal, node?: number): Promise<Metadata> {
    const connection = await (node === undefined ? this.any() : this.to(node, doing));
    const metadata = decodeMetadata(await connection.send(METADATA, encodeMetadataRequest(names), doing, signal));
    this.#addresses = metadata.brokers;
    return metadata;
  }

  /** The topic as one broker, or that of number `node`, sees it; undefined when it knows none. */
  async topic(name: string, doing: string, signal: AbortSignal, node?: number): Promise<KafkaTopic | undefined> {
    const { topics, refused } = await this.metadata([name], doing, signal, node);
    const code = refused.get(name);
    if (code !== undefined && code !== UNKNOWN_TOPIC && code !== INVALID_TOPIC) throw brokerRefusal(doing, code);
    return topics.find((topic) => topic.name === name);
  }

  /** The numbers of all brokers that are up, as the last answer told. */
  get nodes(): readonly number[] {
    return [...this.#addresses.keys()];
  }

  /** The shared connection to a broker. Its requests wait for each other there, so appends have one of their own. */
  async to(node: number, doing: string, use: "ask" | "produce" = "ask"): Promise<BrokerConnection> {
    return this.#shared(`${use} ${node}`, async () => this.#open(this.#addressOf(node, doing), true));
  }

  /** A new connection to a broker, which is the caller's to close. */
  async openTo(node: number, doing: string): Promise<BrokerConnection> {
    return this.#open(this.#addressOf(node, doing), false);
  }

  /** What is being opened is closed when it is open. */
  close(): void {
    this.#closed = true;
    for (const opening of this.#connections.values()) opening.then((connection) => connection.close()).catch(() => {});
    this.#connections.clear();
  }

  /** The shared connection to any broker. */
  any(): Promise<BrokerConnection> {
    return this.#shared("any", () => {
      // The brokers of the settings and those that the cluster told, in turn: any of them may be dead.
      const told = [...this.#addresses.values()];
      const turn = this.#turn++;
      return this.#open(turn % 2 === 1 ? told[(turn >> 1) % Math.max(1, told.length)] : undefined, true);
    });
  }

  /** One connection for all who ask at the same time; a new one once it is broken. */
  async #shared(key: string, open: () => Promise<BrokerConnection>): Promise<BrokerConnection> {
    const before = this.#connections.get(key);
    const known = await before?.catch(() => undefined);
    if (known?.open === true) return known;
    const now = this.#connections.get(key);
    if (now !== undefined && now !== before) return now;
    const opening = open();
    this.#connections.set(key, opening);
    return opening;
  }

  #addressOf(node: number, doing: string): BrokerAddress {
    const address = this.#addresses.get(node);
    if (address === undefined) throw new KafkaError(doing, node < 0 ? "the partition has no leader now" : `broker ${node} is not up`, { retryable: true });
    return address;
  }

  async #open(address: BrokerAddress | undefined, shared: boolean): Promise<BrokerConnection> {
    const connection = await BrokerConnection.open(this.#cluster, SPOKEN, shared, address);
    if (this.#closed) connection.close();
    return connection;
  }
}
