import { KafkaError } from "./kafka-error.js";
import type { FetchedRecords, KafkaClient, KafkaTopic } from "./kafka-client.js";
import { FIRST_LOG_VERSION } from "../log/position.js";
import { patiently } from "./patiently.js";

/** 2025-01-01T00:00Z, epoch ms: versions grow by one an hour from here, and stay below 2^19 until 2084. */
const COUNTED_FROM = 1_735_689_600_000;
const HOUR_MS = 3_600_000;

interface Claim {
  readonly topic: string;
  readonly id: string;
}

/**
 * Gives every incarnation of a topic a log version, the same in every process: a topic that was deleted and created
 * again has another id, and a higher version.
 *
 * The ids are written down in a topic of their own, never to be deleted, as they are first seen. The version of an id is
 * a function of that topic: the hour in which it came, and above the version of the topic's id before it. Hours, and not
 * 1, 2, 3: so whoever deletes this topic together with the others, or sets up the cluster anew, gets higher versions, and
 * what was read from the old cluster is refused and not mixed with the new.
 */
export class LogVersions {
  readonly #client: KafkaClient;
  readonly #registry: string;
  readonly #replicationFactor: number | undefined;
  /** Topic -> id -> version, in the order of their coming. */
  #known = new Map<string, Map<string, number>>();
  #registryId: string | undefined;
  #position = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(client: KafkaClient, registry: string, replicationFactor: number | undefined) {
    this.#client = client;
    this.#registry = registry;
    this.#replicationFactor = replicationFactor;
  }

  /** Writes the id down when it is new. */
  of(topic: KafkaTopic, signal: AbortSignal): Promise<number> {
    const known = this.#known.get(topic.name)?.get(topic.id);
    if (known !== undefined) return Promise.resolve(known);
    const found = this.#queue.then(() => this.#find(topic, signal));
    this.#queue = found.catch(() => {});
    return found;
  }

  async #find({ name, id }: KafkaTopic, signal: AbortSignal): Promise<number> {
    const version = (): number | undefined => this.#known.get(name)?.get(id);
    if (version() !== undefined) return version()!;
    await this.#refresh(signal);
    if (version() !== undefined) return version()!;
    const claim: Claim = { topic: name, id };
    await this.#client.produce(this.#registry, 0, [{ key: name, value: JSON.stringify(claim) }], signal);
    return patiently(30_000, signal, async () => {
      await this.#refresh(signal);
      const found = version();
      if (found === undefined) throw new KafkaError(`writing down the id of topic "${name}"`, `topic "${this.#registry}" does not show it yet`, { retryable: true });
      return found;
    });
  }

  /** Reads what is new in the registry. */
  async #refresh(signal: AbortSignal): Promise<void> {
    let registry = await this.#client.topic(this.#registry, signal);
    if (registry === undefined) {
      await this.#client.createTopic(
        this.#registry,
        {
          partitions: 1,
          ...(this.#replicationFactor === undefined ? {} : { replicationFactor: this.#replicationFactor }),
          settings: { "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", "message.timestamp.type": "LogAppendTime" },
        },
        signal,
      );
      registry = await this.#client.topic(this.#registry, signal);
    }
    const doing = `reading topic "${this.#registry}"`;
    if (registry === undefined) throw new KafkaError(doing, "it was created and is not there", { retryable: true });
    if (registry.id !== this.#registryId) {
      this.#registryId = registry.id;
      this.#known = new Map();
      this.#position = (await this.#client.bounds(registry, 0, signal)).start;
    }
    const fetcher = this.#client.fetcher();
    try {
      await patiently(30_000, signal, async () => {
        for (;;) {
          const fetched = await fetcher.fetch({ topic: registry!, partition: 0, offset: this.#position, epoch: -1, maxBytes: 2 ** 20, maxWaitMs: 0 }, signal);
          if (fetched.kind !== "records") {
            registry = (await this.#client.topic(this.#registry, signal)) ?? registry;
            throw new KafkaError(doing, "its leader moves", { retryable: true });
          }
          this.#take(fetched);
          if (fetched.position >= fetched.end) return;
        }
      });
    } finally {
      fetcher.close();
    }
  }

  #take({ length, data, valueStart, valueEnd, appendedAt, position }: FetchedRecords): void {
    for (let i = 0; i < length; i++) {
      const { topic, id } = JSON.parse(Buffer.from(data.buffer, data.byteOffset + valueStart[i]!, valueEnd[i]! - valueStart[i]!).toString()) as Claim;
      const ids = this.#known.get(topic) ?? new Map<string, number>();
      this.#known.set(topic, ids);
      if (ids.has(id)) continue;
      const hours = Math.max(0, Math.floor((appendedAt[i]! - COUNTED_FROM) / HOUR_MS));
      const before = Math.max(0, ...ids.values());
      ids.set(id, Math.max(FIRST_LOG_VERSION + hours, before + 1));
    }
    this.#position = position;
  }
}
