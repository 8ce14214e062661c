import { brokerRefusal } from "./classify-error.js";
import { FETCH } from "./fetch-exchange.js";
import type { KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { BrokerConnection } from "./kafkajs-connection.js";
import type { BrokerAddress } from "./kafkajs-connection.js";
import type { KafkajsCluster } from "./kafkajs-internals.js";
import { LIST_OFFSETS } from "./list-offsets-exchange.js";
import { METADATA, decodeMetadata, encodeMetadataRequest } from "./metadata-exchange.js";
import type { Metadata } from "./metadata-exchange.js";

const SPOKEN = [FETCH, LIST_OFFSETS, METADATA];
const UNKNOWN_TOPIC = 3;
const INVALID_TOPIC = 17;

/** The brokers of a cluster: where they are, one connection to each that is asked for something, and what they tell. */
export class KafkajsBrokers {
  readonly #cluster: KafkajsCluster;
  #addresses: ReadonlyMap<number, BrokerAddress> = new Map();
  readonly #connections = new Map<number, Promise<BrokerConnection>>();
  #any: Promise<BrokerConnection> | undefined;
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
    const connection = await (node === undefined ? this.#someBroker() : this.to(node, doing));
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

  /** The shared connection to a broker. */
  async to(node: number, doing: string): Promise<BrokerConnection> {
    const known = await this.#connections.get(node)?.catch(() => undefined);
    if (known?.open === true) return known;
    const opening = this.openTo(node, doing);
    this.#connections.set(node, opening);
    return opening;
  }

  /** A new connection to a broker, which is the caller's to close. */
  async openTo(node: number, doing: string): Promise<BrokerConnection> {
    const address = this.#addresses.get(node);
    if (address === undefined) throw new KafkaError(doing, node < 0 ? "the partition has no leader now" : `broker ${node} is not up`, { retryable: true });
    return this.#open(address);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const opening of [...this.#connections.values(), this.#any]) {
      const connection = await opening?.catch(() => undefined);
      connection?.close();
    }
    this.#connections.clear();
    this.#any = undefined;
  }

  async #someBroker(): Promise<BrokerConnection> {
    const known = await this.#any?.catch(() => undefined);
    if (known?.open === true) return known;
    // The brokers of the settings and those that the cluster told, in turn: any of them may be dead.
    const told = [...this.#addresses.values()];
    const turn = this.#turn++;
    this.#any = this.#open(turn % 2 === 1 ? told[(turn >> 1) % Math.max(1, told.length)] : undefined);
    return this.#any;
  }

  async #open(address: BrokerAddress | undefined): Promise<BrokerConnection> {
    const connection = await BrokerConnection.open(this.#cluster, SPOKEN, address);
    if (this.#closed) connection.close();
    return connection;
  }
}
