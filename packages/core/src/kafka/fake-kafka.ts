import { orAborted } from "../delivery/or-aborted.js";
import { rawBatchOf } from "../log/raw-batch-of.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import type { NewRecord } from "../log/raw-batch.js";
import type { FetchRequest, Fetched, KafkaClient, KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import { pause } from "./patiently.js";

interface FakeRecord extends LogRecord {
  readonly epoch: number;
}

interface FakePartition {
  start: number;
  end: number;
  /** Below the end while a transaction is open. */
  stable: number | undefined;
  epoch: number;
  leader: number;
  records: FakeRecord[];
  changed: Set<() => void>;
}

interface FakeTopic {
  readonly id: string;
  settings: Map<string, string>;
  partitions: FakePartition[];
}

const encoder = new TextEncoder();
const bytesOf = (value: Uint8Array | string): Uint8Array => (typeof value === "string" ? encoder.encode(value) : value.slice());

/** A cluster in memory, for tests: what brokers do to their clients, on request. */
export class FakeKafka {
  /** The broker's clock; may be set back. */
  now = 1_780_000_000_000;
  readonly #topics = new Map<string, FakeTopic>();
  #ids = 0;
  /** Answers that the next fetches get instead of their own. */
  readonly #disturbances: (Fetched | Error)[] = [];
  /** Records that wait in answers of fetches now, the most there were, and how often was fetched. */
  fetches = 0;

  /** A client of the cluster, as many as wanted. */
  client(): KafkaClient {
    const closing = new AbortController();
    const open = (signal: AbortSignal): void => {
      signal.throwIfAborted();
      closing.signal.throwIfAborted();
    };
    const described = (name: string): KafkaTopic | undefined => {
      const topic = this.#topics.get(name);
      return topic && { name, id: topic.id, partitions: topic.partitions.map(({ leader, epoch }, partition) => ({ partition, leader, leaderEpoch: epoch })) };
    };
    return {
      topics: async (signal) => {
        open(signal);
        return [...this.#topics.keys()].map((name) => described(name)!);
      },
      topic: async (name, signal) => {
        open(signal);
        return described(name);
      },
      settings: async (name, signal) => {
        open(signal);
        return this.#of(name).settings;
      },
      createTopic: async (name, { partitions, settings }, signal) => {
        open(signal);
        if (!this.#topics.has(name)) this.#create(name, partitions, settings);
      },
      addPartitions: async (name, partitions, signal) => {
        open(signal);
        const topic = this.#of(name);
        while (topic.partitions.length < partitions) topic.partitions.push(newPartition());
      },
      bounds: async ({ name }, partition, signal) => {
        open(signal);
        const { start, end, stable } = this.#of(name).partitions[partition]!;
        return { start, end: stable ?? end };
      },
      offsetAt: async ({ name }, partition, instant, signal) => {
        open(signal);
        return this.#of(name).partitions[partition]!.records.find(({ appendedAt }) => appendedAt >= instant)?.offset;
      },
      fetcher: () => ({
        fetch: async (request, signal) => {
          open(signal);
          this.fetches++;
          return this.#disturbed() ?? this.#fetch(request, AbortSignal.any([signal, closing.signal]));
        },
        close: () => {},
      }),
      produce: async (name, partition, records, signal) => {
        open(signal);
        const topic = this.#topics.get(name);
        if (topic === undefined) throw new KafkaError("appending", "unknown", { retryable: true, kafkaCode: "UNKNOWN_TOPIC_OR_PARTITION" });
        const limit = Number(topic.settings.get("max.message.bytes") ?? 8 * 2 ** 20);
        if (records.reduce((sum, { value }) => sum + bytesOf(value).length, 0) > limit) throw new KafkaError("appending", "too large", { retryable: false, kafkaCode: "MESSAGE_TOO_LARGE" });
        return this.append(name, partition, records);
      },
      close: async () => closing.abort(new Error("closed")),
    };
  }

  /** Appends as a producer does, and gives the first offset. */
  append(name: string, partition: number, records: readonly NewRecord[]): number {
    const to = this.#of(name).partitions[partition]!;
    const first = to.end;
    for (const { key, value, headers } of records) {
      to.records.push({ offset: to.end++, appendedAt: this.now, key: key == null ? null : bytesOf(key), value: bytesOf(value), epoch: to.epoch, ...(headers === undefined ? {} : { headers }) });
    }
    wake(to);
    return first;
  }

  /** Offsets without records: control records, or those of transactions that were rolled back. */
  skip(name: string, partition: number, count: number): void {
    const to = this.#of(name).partitions[partition]!;
    to.end += count;
    wake(to);
  }

  /** An open transaction holds readers at `offset`; undefined ends it. */
  holdAt(name: string, partition: number, offset: number | undefined): void {
    const to = this.#of(name).partitions[partition]!;
    to.stable = offset;
    wake(to);
  }

  /** Another broker leads; without one nobody does. */
  lead(name: string, partition: number, leader: number): void {
    const of = this.#of(name).partitions[partition]!;
    of.leader = leader;
    of.epoch++;
    wake(of);
  }

  trim(name: string, partition: number, below: number): void {
    const of = this.#of(name).partitions[partition]!;
    of.records = of.records.filter(({ offset }) => offset >= below);
    of.start = below;
    wake(of);
  }

  /** An unclean election: another broker leads, and what is at and above `end` is gone. */
  truncate(name: string, partition: number, end: number): void {
    const of = this.#of(name).partitions[partition]!;
    of.records = of.records.filter(({ offset }) => offset < end);
    of.end = end;
    of.epoch++;
    wake(of);
  }

  recreate(name: string): void {
    const old = this.#of(name);
    this.#create(name, old.partitions.length, Object.fromEntries(old.settings));
    old.partitions.forEach(wake);
  }

  delete(name: string): void {
    const old = this.#of(name);
    this.#topics.delete(name);
    old.partitions.forEach(wake);
  }

  set(name: string, setting: string, value: string): void {
    this.#of(name).settings.set(setting, value);
  }

  /** The next fetches get these, one each. */
  disturb(...answers: readonly (Fetched | Error)[]): void {
    this.#disturbances.push(...answers);
  }

  records(name: string, partition: number): readonly LogRecord[] {
    return this.#of(name).partitions[partition]!.records.map(({ offset, appendedAt, key, value, headers }) => ({ offset, appendedAt, key: key ?? null, value, ...(headers === undefined ? {} : { headers }) }));
  }

  #disturbed(): Fetched | undefined {
    const next = this.#disturbances.shift();
    if (next instanceof Error) throw next;
    return next;
  }

  async #fetch(request: FetchRequest, signal: AbortSignal): Promise<Fetched> {
    const { topic: asked, partition: index, offset, maxBytes, maxWaitMs } = request;
    const stop = performance.now() + maxWaitMs;
    for (;;) {
      const topic = this.#topics.get(asked.name);
      const partition = topic?.partitions[index];
      if (topic?.id !== asked.id || partition === undefined || partition.leader !== asked.partitions[index]?.leader) return { kind: "moved" };
      if (offset < partition.start || offset > partition.end) return { kind: "out-of-range" };
      const before = partition.records.findLast((record) => record.offset < offset);
      if (request.epoch >= 0 && before !== undefined && before.epoch > request.epoch) return { kind: "diverged", end: before.offset };
      const end = partition.stable ?? partition.end;
      const records: FakeRecord[] = [];
      let bytes = 0;
      for (const record of partition.records) {
        if (record.offset < offset || record.offset >= end) continue;
        bytes += record.value!.length;
        if (records.length > 0 && bytes > maxBytes) break;
        records.push(record);
      }
      const cut = records.length > 0 && records.at(-1)!.offset < (partition.records.findLast((record) => record.offset < end)?.offset ?? -1);
      const position = cut ? records.at(-1)!.offset + 1 : Math.max(offset, end);
      if (records.length > 0 || position > offset || performance.now() >= stop) {
        const { length, offsets, appendedAt, data, valueStart, valueEnd, keyStart, keyEnd, headers } = rawBatchOf({ topic: asked.name, logVersion: 0, partition: index }, records, { position, end });
        return {
          kind: "records",
          length,
          offsets,
          appendedAt,
          data,
          valueStart,
          valueEnd,
          ...(keyStart && keyEnd ? { keyStart, keyEnd } : {}),
          ...(headers ? { headers } : {}),
          position,
          end,
          epoch: records.at(-1)?.epoch ?? request.epoch,
        };
      }
      await changed(partition, stop - performance.now(), signal);
    }
  }

  #of(name: string): FakeTopic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new KafkaError("asking", `there is no topic "${name}"`, { retryable: false, kafkaCode: "UNKNOWN_TOPIC_OR_PARTITION" });
    return topic;
  }

  #create(name: string, partitions: number, settings: Readonly<Record<string, string>>): void {
    this.#topics.set(name, {
      id: `id-${this.#ids++}`,
      settings: new Map([["cleanup.policy", "delete"], ["retention.ms", "604800000"], ["retention.bytes", "-1"], ["message.timestamp.type", "CreateTime"], ...Object.entries(settings)]),
      partitions: Array.from({ length: partitions }, newPartition),
    });
  }
}

const newPartition = (): FakePartition => ({ start: 0, end: 0, stable: undefined, epoch: 0, leader: 1, records: [], changed: new Set() });

function wake(partition: FakePartition): void {
  for (const resume of [...partition.changed]) resume();
}

async function changed(partition: FakePartition, ms: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController();
  let resume: () => void = () => {};
  const change = new Promise<void>((resolve) => {
    resume = resolve;
    partition.changed.add(resolve);
  });
  try {
    await orAborted(Promise.race([change, pause(ms, done.signal).catch(() => {})]), signal);
  } finally {
    partition.changed.delete(resume);
    done.abort();
  }
}
