import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_GRID, nextBoundary } from "../log/grid.js";
import type { LogRecord } from "../log/raw-batch-of.js";
import type { NewRecord, RawBatch } from "../log/raw-batch.js";
import type { EventLog } from "../ports/event-log.js";
import { declareLaws, needed, rejectsWith, within } from "./law.js";
import type { It, Law, Subject, Waivers } from "./law.js";

/** A log that is to prove itself, with what the laws need to see it from outside. */
export interface EventLogSubject extends Subject {
  readonly log: EventLog;
  /** All records of a partition that are still there, in offset order, read without `log`. */
  readonly readBack: (topic: string, partition: number) => Promise<readonly LogRecord[]>;
  /** A second client of the same log: another object, better another process. */
  readonly another?: () => Promise<EventLog>;
  /** Lets the broker's clock move on. */
  readonly passTime?: (ms: number) => Promise<void>;
  /** Removes the records below an offset, as retention does. */
  readonly trim?: (topic: string, partition: number, below: number) => Promise<void>;
  /** Deletes a topic and creates it again, with as many partitions. */
  readonly recreate?: (topic: string) => Promise<void>;
}

const never = new AbortController().signal;
const PATIENCE_MS = 10_000;
const encoder = new TextEncoder();

/** Records as plain values, to compare them. */
interface PlainRecord {
  readonly offset: number;
  readonly appendedAt: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

const hex = (bytes: Uint8Array | null | undefined): string | null => (bytes == null ? null : Buffer.from(bytes).toString("hex"));

function plain(record: LogRecord): PlainRecord {
  return {
    offset: record.offset,
    appendedAt: record.appendedAt,
    key: hex(record.key),
    value: hex(record.value),
    headers: Object.fromEntries(Object.entries(record.headers ?? {}).map(([name, value]) => [name, hex(value)!])),
  };
}

function plainBatch(batch: RawBatch): PlainRecord[] {
  return Array.from({ length: batch.length }, (_, i) =>
    plain({
      offset: batch.offsets[i]!,
      appendedAt: batch.appendedAt[i]!,
      key: batch.keyStart && batch.keyEnd && batch.keyStart[i]! >= 0 ? batch.data.subarray(batch.keyStart[i], batch.keyEnd[i]) : null,
      value: batch.valueStart[i]! < 0 ? null : batch.data.subarray(batch.valueStart[i], batch.valueEnd[i]),
      ...(batch.headers?.[i] === undefined ? {} : { headers: batch.headers[i] }),
    }),
  );
}

/** All records from `from` to the end, checking what every batch must keep. */
async function readToEnd(log: EventLog, topic: string, partition: number, from: number, maxRecords?: number): Promise<PlainRecord[]> {
  const records: PlainRecord[] = [];
  let position = from;
  const reading = log.read({ topic, partition, from, ...(maxRecords === undefined ? {} : { maxRecords }) }, never)[Symbol.asyncIterator]();
  for (;;) {
    const next = await within(PATIENCE_MS, `reading on from offset ${position}`, reading.next());
    assert.ok(!next.done, "a reading must not end by itself");
    const batch = next.value;
    assert.ok(batch.length <= (maxRecords ?? 10_000), `a batch of ${batch.length} records is larger than asked for`);
    assert.ok(batch.position >= position, `position went back from ${position} to ${batch.position}`);
    for (const record of plainBatch(batch)) {
      assert.ok(record.offset >= position && record.offset < batch.position, `offset ${record.offset} lies outside of [${position}, ${batch.position})`);
      position = record.offset + 1;
      records.push(record);
    }
    position = batch.position;
    if (batch.position >= batch.end) break;
    assert.ok(batch.length > 0 || batch.position > from, "an empty batch before the end must move the position");
  }
  await within(PATIENCE_MS, "ending a reading early", Promise.resolve(reading.return?.()));
  return records;
}

const recordOf: fc.Arbitrary<NewRecord> = fc.record(
  {
    value: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ maxLength: 20, unit: "grapheme" })),
    key: fc.option(fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom("a", "b", "café")), { nil: null }),
    headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.uint8Array({ maxLength: 5 }), { maxKeys: 2 }),
  },
  { requiredKeys: ["value"] },
);

function sent(record: NewRecord): Pick<PlainRecord, "key" | "value" | "headers"> {
  const bytes = (value: Uint8Array | string): Uint8Array => (typeof value === "string" ? encoder.encode(value) : value);
  return {
    key: record.key == null ? null : hex(bytes(record.key)),
    value: hex(bytes(record.value)),
    headers: Object.fromEntries(Object.entries(record.headers ?? {}).map(([name, value]) => [name, hex(value)!])),
  };
}

const texts = (count: number, from = 0): NewRecord[] => Array.from({ length: count }, (_, i) => ({ partition: 0, value: `record ${from + i}` }));

const LAWS: readonly Law<EventLogSubject>[] = [
  {
    id: "keeps-records",
    says: "what was appended comes back, byte for byte, in order, at the coordinates that append gave",
    async prove({ log, readBack }) {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(fc.tuple(recordOf, fc.nat(2)), { maxLength: 12 }), { maxLength: 5 }), async (appends) => {
          const topic = `keeps-${run++}`;
          await log.createTopic(topic, { partitions: 3 }, never);
          const expected: PlainRecord[][] = [[], [], []];
          for (const records of appends) {
            const appended = await log.append(topic, records.map(([record, partition]) => ({ ...record, partition })), never);
            assert.equal(appended.length, records.length, "append gives one coordinate a record");
            appended.forEach(({ partition, offset }, i) => {
              assert.equal(partition, records[i]![1], "a record goes to the partition it names");
              expected[partition]!.push({ ...sent(records[i]![0]), offset, appendedAt: 0 });
            });
          }
          for (const partition of [0, 1, 2]) {
            const read = await readToEnd(log, topic, partition, 0);
            assert.deepEqual(read.map((record) => ({ ...record, appendedAt: 0 })), expected[partition]);
            assert.deepEqual(read, (await readBack(topic, partition)).map(plain), "what read gives differs from what is there");
          }
        }),
        { numRuns: 15 },
      );
    },
  },
  {
    id: "resumes",
    says: "reading from any offset, in batches of any size, gives exactly the records from there",
    async prove({ log }) {
      await log.createTopic("resumes", { partitions: 1 }, never);
      for (let from = 0; from < 230; from += 23) await log.append("resumes", texts(23, from), never);
      const all = await readToEnd(log, "resumes", 0, 0);
      assert.equal(all.length, 230);
      await fc.assert(
        fc.asyncProperty(fc.nat(all.length), fc.integer({ min: 1, max: 300 }), async (skip, maxRecords) => {
          const from = skip < all.length ? all[skip]!.offset : all.at(-1)!.offset + 1;
          assert.deepEqual(await readToEnd(log, "resumes", 0, from, maxRecords), all.slice(skip));
        }),
        { numRuns: 25 },
      );
    },
  },
  {
    id: "waits-at-the-end",
    says: "at the end a reading gives one empty batch, waits, and gives what is appended then",
    async prove({ log }) {
      await log.createTopic("waits", { partitions: 1 }, never);
      const reading = log.read({ topic: "waits", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
      const first = (await within(PATIENCE_MS, "reading an empty partition", reading.next())).value as RawBatch;
      assert.deepEqual([first.length, first.position >= first.end], [0, true], "an empty partition gives an empty batch at once");
      const waiting = reading.next();
      await log.append("waits", texts(3), never);
      const seen: PlainRecord[] = [];
      for (let next = await within(PATIENCE_MS, "reading after an append", waiting); ; next = await within(PATIENCE_MS, "reading on", reading.next())) {
        seen.push(...plainBatch(next.value as RawBatch));
        if (seen.length >= 3) break;
      }
      assert.deepEqual(seen.map(({ value }) => value), texts(3).map((record) => sent(record).value));
      await reading.return?.();
    },
  },
  {
    id: "batches-stay",
    says: "a batch does not change, whatever is read or appended after it",
    async prove({ log }) {
      await log.createTopic("stays", { partitions: 1 }, never);
      const batches: { readonly batch: RawBatch; readonly then: PlainRecord[] }[] = [];
      for (let round = 0; round < 20; round++) {
        await log.append("stays", texts(10, round * 10), never);
        for await (const batch of log.read({ topic: "stays", partition: 0, from: round * 5, maxRecords: 7 }, never)) {
          batches.push({ batch, then: plainBatch(batch) });
          if (batch.position >= batch.end) break;
        }
      }
      for (const { batch, then } of batches) assert.deepEqual(plainBatch(batch), then);
    },
  },
  {
    id: "describes",
    says: "a description tells partitions, versions, first offset and end; partitions can be added",
    async prove({ log }) {
      await log.createTopic("described", { partitions: 2 }, never);
      await log.append("described", texts(5), never);
      await log.createTopic("described", { partitions: 4 }, never);
      await log.createTopic("described", { partitions: 1 }, never);
      const { partitions, compacted } = await log.describe("described", never);
      assert.equal(compacted, false);
      assert.deepEqual(partitions.map(({ partition }) => partition), [0, 1, 2, 3]);
      assert.equal(new Set(partitions.map(({ logVersion }) => logVersion)).size, 1);
      assert.deepEqual(partitions.slice(1).map(({ start, end }) => [start, end]), [[0, 0], [0, 0], [0, 0]]);
      const last = (await readToEnd(log, "described", 0, partitions[0]!.start)).at(-1)!;
      assert.ok(partitions[0]!.end > last.offset, "the end lies after the last record");
      assert.ok((await log.topics(never)).includes("described"), "topics lists what was created");
    },
  },
  {
    id: "partitions-by-key",
    says: "records with one key go to one partition; without a key, all partitions get some",
    async prove({ log }) {
      await log.createTopic("keyed", { partitions: 4 }, never);
      const keyed = await log.append("keyed", Array.from({ length: 60 }, (_, i) => ({ key: `key ${i % 15}`, value: "v" })), never);
      keyed.forEach(({ partition }, i) => assert.equal(partition, keyed[i % 15]!.partition, `key ${i % 15} went to two partitions`));
      const free = await log.append("keyed", Array.from({ length: 4_000 }, () => ({ value: "v" })), never);
      assert.deepEqual([...new Set(free.map(({ partition }) => partition))].sort(), [0, 1, 2, 3]);
    },
  },
  {
    id: "seeks-by-time",
    says: "offsetAt gives the first record with a broker time at or above an instant, or the end",
    async prove({ log, readBack, passTime }) {
      await log.createTopic("times", { partitions: 2 }, never);
      assert.equal(await log.offsetAt("times", 0, 0, never), 0, "an empty partition gives its end");
      for (let i = 0; i < 12; i++) {
        await log.append("times", texts(1 + (i % 4), i), never);
        await needed(passTime, "passTime")(i % 3 === 0 ? 40 : 7);
      }
      const records = await readBack("times", 0);
      const { end } = (await log.describe("times", never)).partitions[0]!;
      const instants = new Set([0, ...records.flatMap(({ appendedAt }) => [appendedAt - 1, appendedAt, appendedAt + 1])]);
      assert.ok(new Set(records.map(({ appendedAt }) => appendedAt)).size > 1, "passTime does not move the broker's clock");
      for (const instant of instants) {
        const expected = records.find(({ appendedAt }) => appendedAt >= instant)?.offset ?? end;
        assert.equal(await log.offsetAt("times", 0, instant, never), expected, `offsetAt(${instant})`);
      }
    },
  },
  {
    id: "equal-for-all-clients",
    says: "another client reads the same records at the same offsets and times, so it cuts the same grid",
    async prove({ log, another, passTime }) {
      const other = await needed(another, "another")();
      try {
        await log.createTopic("shared", { partitions: 1 }, never);
        const live = readUntil(other, "shared", 300);
        for (let i = 0; i < 10; i++) {
          await log.append("shared", texts(30, i * 30), never);
          await passTime?.(400_000);
        }
        const here = await readToEnd(log, "shared", 0, 0, 17);
        assert.deepEqual(await within(PATIENCE_MS, "reading with another client", live), here);
        assert.deepEqual(boundaries(await readToEnd(other, "shared", 0, 0, 23)), boundaries(here));
      } finally {
        await other.close();
      }
    },
  },
  {
    id: "concurrent-appends",
    says: "appends that run at the same time each keep all their records, once, in order",
    async prove({ log }) {
      await log.createTopic("concurrent", { partitions: 2 }, never);
      const appends = Array.from({ length: 40 }, (_, a) => Array.from({ length: 5 }, (_, i) => ({ partition: i % 2, value: `${a}/${i}` })));
      const results = await Promise.all(appends.map((records) => log.append("concurrent", records, never)));
      const byOffset = new Map(results.flatMap((appended, a) => appended.map(({ partition, offset }, i) => [`${partition}@${offset}`, `${a}/${i}`] as const)));
      assert.equal(byOffset.size, 200, "two records were given one offset");
      const seen: string[] = [];
      for (const partition of [0, 1]) {
        for (const { offset, value } of await readToEnd(log, "concurrent", partition, 0)) {
          const text = Buffer.from(value!, "hex").toString();
          assert.equal(byOffset.get(`${partition}@${offset}`), text);
          seen.push(text);
        }
      }
      assert.equal(seen.length, 200);
      for (const appended of results) {
        for (const partition of [0, 1]) {
          const offsets = appended.filter((record) => record.partition === partition).map(({ offset }) => offset);
          assert.deepEqual(offsets, [...offsets].sort((a, b) => a - b), "the records of one append came into another order");
        }
      }
    },
  },
  {
    id: "large-records",
    says: "a record of 5 MB, and an append of 10,000 records, come back whole",
    async prove({ log }) {
      await log.createTopic("large", { partitions: 1 }, never);
      const large = Buffer.alloc(5 * 2 ** 20, "0123456789abcdef!");
      await log.append("large", [{ partition: 0, value: "small" }, { partition: 0, value: large }, { partition: 0, value: "after" }], never);
      await log.append("large", texts(10_000), never);
      const records = await readToEnd(log, "large", 0, 0);
      assert.equal(records.length, 10_003);
      assert.ok(records[1]!.value === hex(large), "the large record came back changed");
      assert.equal(records.at(-1)!.value, hex(encoder.encode("record 9999")));
    },
  },
  {
    id: "refuses-unknown",
    says: "a topic or partition that is not there is an UnknownTopicError or InvalidRecordError, and appends nothing",
    async prove({ log, readBack }) {
      await log.createTopic("known", { partitions: 1 }, never);
      await rejectsWith(log.describe("unknown", never), "UnknownTopicError", "describing a topic that is not there");
      await rejectsWith(log.append("unknown", texts(1), never), "UnknownTopicError", "appending to a topic that is not there");
      await rejectsWith(log.offsetAt("unknown", 0, 0, never), "UnknownTopicError", "seeking in a topic that is not there");
      await rejectsWith(firstBatch(log, "unknown", 0, 0), "UnknownTopicError", "reading a topic that is not there");
      await rejectsWith(firstBatch(log, "known", 1, 0), "UnknownTopicError", "reading a partition that is not there");
      await rejectsWith(log.append("known", [{ partition: 0, value: "a" }, { partition: 1, value: "b" }], never), "InvalidRecordError", "appending to a partition that is not there");
      assert.deepEqual(await readBack("known", 0), [], "an append that failed left records");
    },
  },
  {
    id: "refuses-bad-topics",
    says: "a topic name that cannot be a file name, or no partitions, is an InvalidTopicError",
    async prove({ log }) {
      for (const topic of ["", "..", "a/b", "a b", "x".repeat(250)]) {
        await rejectsWith(log.createTopic(topic, { partitions: 1 }, never), "InvalidTopicError", `creating topic "${topic.slice(0, 9)}"`);
      }
      await rejectsWith(log.createTopic("none", { partitions: 0 }, never), "InvalidTopicError", "creating a topic without partitions");
    },
  },
  {
    id: "empty-append",
    says: "appending nothing gives nothing and changes nothing",
    async prove({ log, readBack }) {
      await log.createTopic("nothing", { partitions: 1 }, never);
      assert.deepEqual(await log.append("nothing", [], never), []);
      assert.deepEqual(await readBack("nothing", 0), []);
    },
  },
  {
    id: "refuses-trimmed",
    says: "reading below the first offset is a LogTrimmedError with both offsets, also when it is trimmed while a reading waits there",
    async prove({ log, trim }) {
      await log.createTopic("trimmed", { partitions: 1 }, never);
      for (let i = 0; i < 20; i++) await log.append("trimmed", texts(1, i), never);
      const reading = log.read({ topic: "trimmed", partition: 0, from: 0, maxRecords: 3 }, never)[Symbol.asyncIterator]();
      let { position } = (await within(PATIENCE_MS, "reading", reading.next())).value as RawBatch;
      await needed(trim, "trim")("trimmed", 0, 10);
      const { position: reached, error } = await readUntilFailure(reading, position);
      assert.ok(reached < 10, `a reading that stood at offset ${position} gave what was trimmed before it asked, up to ${reached}: it may read ahead one batch of what it was asked for`);
      position = reached;
      const { name, from, start: first } = error as { name?: string; from?: number; start?: number };
      assert.deepEqual([name, from, first], ["LogTrimmedError", position, 10]);
      await rejectsWith(firstBatch(log, "trimmed", 0, 9), "LogTrimmedError", "reading below the first offset");
      const { start, end } = (await log.describe("trimmed", never)).partitions[0]!;
      assert.deepEqual([start, end], [10, 20]);
      assert.deepEqual((await readToEnd(log, "trimmed", 0, 10, 4)).map(({ offset }) => offset), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
      assert.equal(await log.offsetAt("trimmed", 0, 0, never), 10, "offsetAt never gives an offset that is gone");
    },
  },
  {
    id: "refuses-beyond-end",
    says: "reading beyond the end is an OffsetBeyondEndError: the log was truncated",
    async prove({ log }) {
      await log.createTopic("beyond", { partitions: 1 }, never);
      await log.append("beyond", texts(3), never);
      const { end } = (await log.describe("beyond", never)).partitions[0]!;
      await firstBatch(log, "beyond", 0, end);
      await rejectsWith(firstBatch(log, "beyond", 0, end + 1), "OffsetBeyondEndError", "reading beyond the end");
    },
  },
  {
    id: "refuses-recreated",
    says: "a topic that was deleted and created again has a higher log version, and readings of the old one fail",
    async prove({ log, recreate }) {
      await log.createTopic("again", { partitions: 1 }, never);
      for (let i = 0; i < 20; i++) await log.append("again", texts(1, i), never);
      const before = (await log.describe("again", never)).partitions[0]!;
      const reading = log.read({ topic: "again", partition: 0, from: 0, maxRecords: 2 }, never)[Symbol.asyncIterator]();
      const { position } = (await within(PATIENCE_MS, "reading", reading.next())).value as RawBatch;
      await needed(recreate, "recreate")("again");
      await log.append("again", texts(50), never);
      const { position: reached, error } = await readUntilFailure(reading, position);
      assert.equal((error as Error).name, "OffsetBeyondEndError", `reading on in a topic that was re-created must fail with OffsetBeyondEndError, but failed with ${String(error)}`);
      assert.ok(reached < 20, `a reading that stood at offset ${position} gave records up to ${reached} after its topic was re-created`);
      const after = (await log.describe("again", never)).partitions[0]!;
      assert.ok(after.logVersion > before.logVersion, `the log version went from ${before.logVersion} to ${after.logVersion}`);
      assert.equal((await readToEnd(log, "again", 0, 0)).length, 50);
    },
  },
  {
    id: "aborts",
    says: "an aborted signal ends a waiting reading with its reason, and an append that had not begun appends nothing",
    async prove({ log, readBack }) {
      await log.createTopic("aborted", { partitions: 1 }, never);
      const controller = new AbortController();
      const reading = log.read({ topic: "aborted", partition: 0, from: 0 }, controller.signal)[Symbol.asyncIterator]();
      await reading.next();
      const waiting = reading.next();
      controller.abort(new Error("enough"));
      await assert.rejects(within(PATIENCE_MS, "ending an aborted reading", waiting), /enough/);
      await assert.rejects(log.append("aborted", texts(1), controller.signal), /enough/);
      await assert.rejects(log.describe("aborted", controller.signal), /enough/);
      assert.deepEqual(await readBack("aborted", 0), []);
    },
  },
  {
    id: "closes",
    says: "close may be called twice, ends waiting readings, and what is called after it is a ClosedError",
    async prove({ log }) {
      await log.createTopic("closed", { partitions: 1 }, never);
      const reading = log.read({ topic: "closed", partition: 0, from: 0 }, never)[Symbol.asyncIterator]();
      await reading.next();
      const waiting = reading.next();
      await log.close();
      await log.close();
      assert.equal((await within(PATIENCE_MS, "ending a reading of a closed log", waiting)).done, true);
      await rejectsWith(log.append("closed", texts(1), never), "ClosedError", "appending after close");
      await rejectsWith(firstBatch(log, "closed", 0, 0), "ClosedError", "reading after close");
    },
  },
];

async function firstBatch(log: EventLog, topic: string, partition: number, from: number): Promise<RawBatch> {
  for await (const batch of log.read({ topic, partition, from }, never)) return batch;
  throw new assert.AssertionError({ message: "a reading must not end by itself" });
}

/** Where a reading that must fail stood when it did: what it had read ahead may come before. */
async function readUntilFailure(reading: AsyncIterator<RawBatch>, from: number): Promise<{ readonly position: number; readonly error: unknown }> {
  let position = from;
  for (;;) {
    try {
      const next = await within(PATIENCE_MS, `reading on from offset ${position}`, reading.next());
      assert.ok(!next.done, "a reading must not end by itself");
      for (const offset of next.value.offsets) {
        assert.equal(offset, position, "a reading that must fail skipped records before it did");
        position++;
      }
      position = next.value.position;
      if (next.value.position >= next.value.end) return { position, error: new assert.AssertionError({ message: `the reading did not fail, and reached the end ${position}` }) };
    } catch (error) {
      return { position, error };
    }
  }
}

async function readUntil(log: EventLog, topic: string, count: number): Promise<PlainRecord[]> {
  const records: PlainRecord[] = [];
  for await (const batch of log.read({ topic, partition: 0, from: 0 }, never)) {
    records.push(...plainBatch(batch));
    if (records.length >= count) break;
  }
  return records;
}

function boundaries(records: readonly PlainRecord[]): number[] {
  const offsets = Float64Array.from(records, ({ offset }) => offset);
  const appendedAt = Float64Array.from(records, (record) => record.appendedAt);
  const found: number[] = [];
  for (let from = 0; from < records.length; ) {
    found.push(offsets[from]!);
    from = nextBoundary(DEFAULT_GRID, { first: offsets[from]!, firstAppendedAt: appendedAt[from]! }, offsets[from]!, offsets, appendedAt, from + 1, records.length);
  }
  return found;
}

/**
 * Proves an {@link EventLog}: order, resume, seek, offsets by time, equal grids for all clients, refusal of what is
 * trimmed, truncated or re-created. `create` is called once a law and gives an empty log.
 */
export function eventLogConformance(it: It, create: () => Promise<EventLogSubject>, waivers: Waivers = {}): void {
  declareLaws("event log", it, LAWS, create, waivers);
}
