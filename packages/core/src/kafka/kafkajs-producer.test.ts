import { expect, it, vi } from "vitest";
import type { KafkaTopic } from "./kafka-client.js";
import { KafkaError } from "./kafka-error.js";
import type { KafkajsBrokers } from "./kafkajs-brokers.js";
import { KafkajsProducer } from "./kafkajs-producer.js";
import { INIT_PRODUCER_ID } from "./produce-exchange.js";
import { WireWriter } from "./wire-writer.js";

const never = new AbortController().signal;
const topic: KafkaTopic = { name: "plays", id: "id", partitions: [{ partition: 0, leader: 1, leaderEpoch: 0 }] };

/** What a leader does with a batch: a code of Kafka's protocol, or no answer. `kept`: whether it stores it all the same. */
type Answer = { readonly code: number; readonly kept?: boolean } | { readonly lost: true; readonly kept: boolean };

/** One leader, which knows repetitions by producer id and number as brokers do. */
class Leader {
  readonly log: string[] = [];
  readonly #next = new Map<bigint, { number: number; offset: number }>();
  readonly answers: Answer[] = [];
  /** Records of each batch that arrived. */
  readonly batches: number[] = [];
  producers = 0;

  produce(body: Buffer): Buffer {
    const answer = this.answers.shift() ?? { code: 0, kept: true };
    const batch = body.subarray(body.indexOf("plays") + 5);
    // The batch lies after the partition's number and its length; its header is of fixed size.
    const at = batch.length - 3 - this.#lengthOf(batch);
    const producer = batch.readBigInt64BE(at + 43);
    const first = batch.readInt32BE(at + 53);
    const count = batch.readInt32BE(at + 57);
    this.batches.push(count);
    const known = this.#next.get(producer);
    let offset = this.log.length;
    const repeated = known !== undefined && known.number === first + count;
    if (repeated) offset = known.offset;
    else if ("lost" in answer ? answer.kept : answer.code === 0 || answer.kept === true) {
      if (known !== undefined && known.number !== first) return this.#answer(45, -1);
      for (let i = 0; i < count; i++) this.log.push(`${producer}/${first + i}`);
      this.#next.set(producer, { number: first + count, offset });
    }
    if ("lost" in answer) throw new KafkaError("appending", "no answer", { retryable: true });
    return this.#answer(answer.code, answer.code === 0 ? offset : -1);
  }

  /** The broker forgets all producers, as it does a day after their last batch. */
  forget(code: number): void {
    this.answers.push({ code });
    this.#next.clear();
  }

  init(): Buffer {
    return new WireWriter().noTags().int32(0).int16(0).int64(100 + this.producers++).int16(0).noTags().bytes();
  }

  #lengthOf(batch: Buffer): number {
    for (let at = 0; at < 20; at++) {
      const length = batch.readInt32BE(at + 8) + 12;
      if (batch[at + 16] === 2 && at + length === batch.length - 3) return length;
    }
    throw new Error("no batch");
  }

  #answer(code: number, offset: number): Buffer {
    const answer = new WireWriter().noTags();
    answer.compactArray([0], () => {
      answer.compactString("plays").compactArray([0], () => answer.int32(0).int16(code).int64(offset).int64(-1).int64(0).compactArray([], () => {}).compactString(null).noTags());
      answer.noTags();
    });
    return answer.int32(0).noTags().bytes();
  }
}

function producerOf(leader: Leader): KafkajsProducer {
  const connection = { send: async (api: typeof INIT_PRODUCER_ID, body: Buffer) => (api.key === INIT_PRODUCER_ID.key ? leader.init() : leader.produce(body)) };
  const brokers = { any: async () => connection, to: async () => connection, topic: async () => topic };
  return new KafkajsProducer(brokers as unknown as KafkajsBrokers, undefined);
}

const records = (count: number): { value: string }[] => Array.from({ length: count }, (_, i) => ({ value: `${i}` }));

it("sends the same batch until it is acknowledged, and it is there once", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push({ code: 6 }, { lost: true, kept: false }, { lost: true, kept: true }, { code: 7 });
  expect(await producer.send("plays", 0, records(3), 5_000, never)).toBe(0);
  expect(await producer.send("plays", 0, records(2), 5_000, never)).toBe(3);
  expect(leader.log).toEqual(["100/0", "100/1", "100/2", "100/3", "100/4"]);
});

it("gives the numbers of a batch that was given up to no other records", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push({ lost: true, kept: true });
  await expect(producer.send("plays", 0, records(2), 0, never)).rejects.toThrow("no answer");
  expect(await producer.send("plays", 0, records(2), 5_000, never)).toBe(2);
  expect(leader.log).toEqual(["100/0", "100/1", "101/0", "101/1"]);
});

it("keeps its numbers after a batch that was refused, and not stored", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push({ code: 10 });
  await expect(producer.send("plays", 0, records(2), 5_000, never)).rejects.toMatchObject({ kafkaCode: "MESSAGE_TOO_LARGE", retryable: false });
  expect(await producer.send("plays", 0, records(1), 5_000, never)).toBe(0);
  expect(leader.log).toEqual(["100/0"]);
});

it("begins anew where the broker has forgotten it, unless the batch may be stored", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  await producer.send("plays", 0, records(1), 5_000, never);
  leader.forget(59);
  expect(await producer.send("plays", 0, records(1), 5_000, never)).toBe(1);
  expect(leader.log).toEqual(["100/0", "101/0"]);

  leader.answers.push({ lost: true, kept: true });
  leader.answers.push({ code: 45 });
  await expect(producer.send("plays", 0, records(1), 5_000, never)).rejects.toMatchObject({ retryable: true, message: expect.stringContaining("may be stored") as string });
  expect(leader.log).toEqual(["100/0", "101/0", "101/1"]);
});

it("sends one batch of a partition at a time, in order", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push({ code: 6 });
  const offsets = await Promise.all([1, 2, 3].map((count) => producer.send("plays", 0, records(count), 5_000, never)));
  expect(offsets).toEqual([0, 1, 3]);
});

it("sends what waits behind a batch together with the next, each call with its own offset", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  const abort = new AbortController();
  const calls = [1, 2, 3, 4].map((count, i) => producer.send("plays", 0, records(count), 5_000, i === 2 ? abort.signal : never));
  abort.abort(new Error("left"));
  const large = producer.send("plays", 0, [{ value: "x".repeat(600_000) }], 5_000, never);
  const larger = producer.send("plays", 0, [{ value: "x".repeat(400_000) }], 5_000, never);
  expect(await Promise.allSettled([...calls, large, larger])).toMatchObject([
    { value: 0 },
    { value: 1 },
    { reason: { message: "left" } },
    { value: 3 },
    { value: 7 },
    { value: 8 },
  ]);
  expect(leader.batches).toEqual([1, 7, 1]);
});

it("sends each by itself where a topic takes less at once, so that only what is too large itself is refused", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push({ code: 0, kept: true }, { code: 10 }, { code: 0, kept: true }, { code: 10 });
  const calls = [1, 2, 3, 4].map((count) => producer.send("plays", 0, records(count), 5_000, never));
  expect(await Promise.allSettled(calls)).toMatchObject([{ value: 0 }, { value: 1 }, { reason: { kafkaCode: "MESSAGE_TOO_LARGE" } }, { value: 3 }]);
  expect(leader.batches).toEqual([1, 9, 2, 3, 4]);
});

it("gives a batch up when the last of its callers has left, and goes on with the next", async () => {
  const leader = new Leader();
  const producer = producerOf(leader);
  leader.answers.push(...Array.from({ length: 8 }, () => ({ lost: true, kept: false }) as const));
  const abort = new AbortController();
  const first = producer.send("plays", 0, records(1), 60_000, abort.signal);
  first.catch(() => {});
  await vi.waitFor(() => expect(leader.batches.length).toBeGreaterThan(0));
  abort.abort(new Error("left"));
  const next = producer.send("plays", 0, records(2), 60_000, never);
  await expect(first).rejects.toThrow("left");
  expect(await next).toBe(0);
});

it("gives up a topic that no broker knows", async () => {
  vi.useFakeTimers();
  try {
    const brokers = { any: async () => ({ send: async () => new Leader().init() }), topic: async () => undefined };
    const producer = new KafkajsProducer(brokers as unknown as KafkajsBrokers, undefined);
    const sent = producer.send("plays", 0, records(1), 120_000, never);
    sent.catch(() => {});
    await vi.advanceTimersByTimeAsync(12_000);
    await expect(sent).rejects.toMatchObject({ kafkaCode: "UNKNOWN_TOPIC_OR_PARTITION", retryable: false });
  } finally {
    vi.useRealTimers();
  }
});
