import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewRecord } from "../log/raw-batch.js";
import { crc32c } from "./crc32c.js";
import { encodeRecordBatch } from "./record-batch.js";
import { decodeRecordSet } from "./record-set.js";
import type { AbortedTransaction } from "./record-set.js";

const encoder = new TextEncoder();
const bytesOf = (value: Uint8Array | string): Uint8Array => (typeof value === "string" ? encoder.encode(value) : value);
const never = async (): Promise<Buffer> => Promise.reject(new Error("nothing is compressed"));
const noTransaction = { producerId: -1, producerEpoch: -1, first: -1 };

interface Stored {
  readonly records: readonly NewRecord[];
  readonly producerId?: number;
  readonly transactional?: boolean;
  /** A marker that ends a transaction. */
  readonly control?: boolean;
  readonly appendTime?: number;
  readonly gzip?: boolean;
}

/** A batch as a broker stores it: from `offset` on, of leader epoch `epoch`. */
async function stored(batch: Stored, offset: number, epoch = 7): Promise<Buffer> {
  const gzip = batch.gzip === true ? { codec: 1, compress: async (bytes: Buffer) => gzipSync(bytes) } : undefined;
  const bytes = await encodeRecordBatch(batch.records, { ...noTransaction, producerId: batch.producerId ?? -1 }, 1_000, gzip);
  bytes.writeBigInt64BE(BigInt(offset), 0);
  bytes.writeInt32BE(epoch, 12);
  const flags = (batch.transactional === true || batch.control === true ? 16 : 0) | (batch.control === true ? 32 : 0) | (batch.appendTime === undefined ? 0 : 8);
  bytes.writeInt16BE(bytes.readInt16BE(21) | flags, 21);
  if (batch.appendTime !== undefined) bytes.writeBigInt64BE(BigInt(batch.appendTime), 35);
  return bytes;
}

async function setOf(batches: readonly Stored[], from: number, aborted: readonly AbortedTransaction[] = []): Promise<{ readonly offsets: number[]; readonly position: number }> {
  const parts: Buffer[] = [];
  let offset = 0;
  for (const batch of batches) {
    parts.push(await stored(batch, offset));
    offset += batch.records.length;
  }
  const { offsets, position } = await decodeRecordSet({ bytes: Buffer.concat(parts), aborted, from, end: offset, epoch: -1 }, never);
  return { offsets: [...offsets], position };
}

const texts = (...values: string[]): NewRecord[] => values.map((value) => ({ value }));

it("computes CRC-32C as RFC 3720 and Kafka do", () => {
  expect(crc32c(Buffer.from("123456789"), 0)).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32), 0)).toBe(0x8a9136aa);
  expect(crc32c(Buffer.from("xx123456789"), 2)).toBe(0xe3069283);
});

describe("records", () => {
  const record: fc.Arbitrary<NewRecord> = fc.record(
    {
      value: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: "grapheme" })),
      key: fc.option(fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.string({ unit: "grapheme", maxLength: 5 })), { nil: null }),
      headers: fc.dictionary(fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).filter((name) => name !== "__proto__"), fc.uint8Array({ maxLength: 5 }), { maxKeys: 3 }),
    },
    { requiredKeys: ["value"] },
  );

  it("come out of batches as they went in, compressed or not, from any offset", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.array(record, { minLength: 1, maxLength: 70 }), fc.boolean(), fc.nat(5)), { minLength: 1, maxLength: 4 }), fc.nat(100), fc.nat(300), async (groups, start, skip) => {
        const expected: { readonly offset: number; readonly record: NewRecord }[] = [];
        const parts: Buffer[] = [];
        let offset = start;
        for (const [records, gzip, gap] of groups) {
          parts.push(await stored({ records, gzip, appendTime: 5_000 + offset }, offset));
          records.forEach((each, i) => expected.push({ offset: offset + i, record: each }));
          offset += records.length + gap;
        }
        const last = expected.at(-1)!.offset;
        const from = Math.min(start + skip, last + 1);
        const set = await decodeRecordSet({ bytes: Buffer.concat(parts), aborted: [], from, end: offset, epoch: -1 }, async (_, bytes) => gunzipSync(bytes));
        const wanted = expected.filter((each) => each.offset >= from);
        expect([...set.offsets]).toEqual(wanted.map((each) => each.offset));
        expect([set.length, set.position, set.end]).toEqual([wanted.length, last + 1, offset]);
        wanted.forEach(({ record: { key, value, headers } }, i) => {
          expect(Buffer.from(set.data.subarray(set.valueStart[i], set.valueEnd[i])).equals(bytesOf(value))).toBe(true);
          if (key == null) expect(set.keyStart?.[i] ?? -1).toBe(-1);
          else expect(Buffer.from(set.data.subarray(set.keyStart![i], set.keyEnd![i])).equals(bytesOf(key))).toBe(true);
          const own = Object.entries(headers ?? {}).map(([name, bytes]) => [name, [...bytes]]);
          expect(Object.entries(set.headers?.[i] ?? {}).map(([name, bytes]) => [name, [...bytes]])).toEqual(own);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("have the broker's time of their batch, or the producer's with its differences", async () => {
    const batch = await stored({ records: texts("a", "b"), appendTime: 4_000 }, 0);
    expect([...(await decodeRecordSet({ bytes: batch, aborted: [], from: 0, end: 2, epoch: -1 }, never)).appendedAt]).toEqual([4_000, 4_000]);
    const created = await stored({ records: texts("a", "b") }, 0);
    expect([...(await decodeRecordSet({ bytes: created, aborted: [], from: 0, end: 2, epoch: -1 }, never)).appendedAt]).toEqual([1_000, 1_000]);
  });

  it("of a batch that was cut off by the size of the answer come with the next one", async () => {
    const whole = Buffer.concat([await stored({ records: texts("a", "b") }, 0), await stored({ records: texts("c", "d") }, 2)]);
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const set = await decodeRecordSet({ bytes: whole.subarray(0, bytes), aborted: [], from: 0, end: 4, epoch: -1 }, never);
      expect([set.length, set.position]).toEqual(bytes < whole.length / 2 ? [0, 0] : [2, 2]);
    }
  });

  it("tell the leader epoch of the last batch", async () => {
    const bytes = Buffer.concat([await stored({ records: texts("a") }, 0, 3), await stored({ records: texts("b") }, 1, 5)]);
    expect((await decodeRecordSet({ bytes, aborted: [], from: 0, end: 2, epoch: -1 }, never)).epoch).toBe(5);
    expect((await decodeRecordSet({ bytes: Buffer.alloc(0), aborted: [], from: 2, end: 2, epoch: 5 }, never)).epoch).toBe(5);
  });

  it("of Kafka's old formats are refused", async () => {
    const bytes = await stored({ records: texts("a") }, 0);
    bytes[16] = 1;
    await expect(decodeRecordSet({ bytes, aborted: [], from: 0, end: 1, epoch: -1 }, never)).rejects.toThrow("stored in format 1");
  });
});

describe("transactions", () => {
  const marker = (producerId: number): Stored => ({ records: texts(""), producerId, control: true });
  const of = (producerId: number, ...values: string[]): Stored => ({ records: texts(...values), producerId, transactional: true });

  it("that were rolled back are left out up to their marker, and what their producer writes next is not", async () => {
    // Offsets: 0 1 rolled back, 2 another producer's, 3 marker, 4 committed, 5 marker.
    const log = [of(1, "a", "b"), of(2, "c"), marker(1), of(1, "d"), marker(1)];
    expect(await setOf(log, 0, [{ producerId: 1, firstOffset: 0 }])).toEqual({ offsets: [2, 4], position: 6 });
    expect(await setOf(log, 0)).toEqual({ offsets: [0, 1, 2, 4], position: 6 });
  });

  it("of two producers may be rolled back in turns", async () => {
    const log = [of(1, "a"), of(2, "b"), of(1, "c"), marker(2), of(2, "d"), marker(1), of(1, "e")];
    const aborted = [{ producerId: 1, firstOffset: 0 }, { producerId: 2, firstOffset: 1 }];
    expect(await setOf(log, 0, aborted)).toEqual({ offsets: [4, 6], position: 7 });
    // Asked for from within.
    expect(await setOf(log, 2, aborted)).toEqual({ offsets: [4, 6], position: 7 });
  });

  it("leave records without a transaction alone", async () => {
    expect(await setOf([of(1, "a"), { records: texts("b"), producerId: 1 }, marker(1)], 0, [{ producerId: 1, firstOffset: 0 }])).toEqual({ offsets: [1], position: 3 });
  });
});
