import { UnreadableRecordsError } from "./unreadable-records-error.js";
import type { FetchedRecords } from "./kafka-client.js";
import { int64At } from "./wire-reader.js";

/** A transaction that was rolled back: a producer's records from `firstOffset` up to its next abort marker are void. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** What a broker sent of one partition. */
export interface RecordSet {
  /** Stored batches one after the other, the last one perhaps cut off. */
  readonly bytes: Buffer;
  /** Growing by `firstOffset`. */
  readonly aborted: readonly AbortedTransaction[];
  /** Records below it are left out: batches come whole. */
  readonly from: number;
  readonly end: number;
  readonly epoch: number;
}

/** Undoes one of Kafka's codecs: 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export type Decompress = (codec: number, bytes: Buffer) => Promise<Buffer>;

// https://kafka.apache.org/documentation/#recordbatch, offsets from a batch's first byte
const LENGTH_AT = 8;
const EPOCH_AT = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIME_AT = 27;
const MAX_TIME_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;

const CODEC = 7;
const APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;

interface StoredBatch {
  readonly firstOffset: number;
  readonly attributes: number;
  readonly firstTime: number;
  readonly maxTime: number;
  readonly count: number;
  /** Where its records lie in the data of the whole. */
  from: number;
  until: number;
}

/**
 * Committed records of a record set as parallel arrays over the broker's own bytes: nothing is copied of a set without
 * compression, and no object is made a record, unless it has headers.
 *
 * With `LogAppendTime` a batch has one time, its largest; otherwise each record has its own.
 *
 * @throws {UnreadableRecordsError} when the topic still holds records of Kafka's formats before version 0.11.
 */
export async function decodeRecordSet(set: RecordSet, decompress: Decompress): Promise<FetchedRecords> {
  const { bytes, from, end } = set;
  const batches: StoredBatch[] = [];
  const voided = new Set<number>();
  let aborted = 0;
  let position = from;
  let epoch = set.epoch;
  let count = 0;
  let compressed = false;
  for (let at = 0; at + RECORDS_AT <= bytes.length; ) {
    const until = at + LENGTH_AT + 4 + bytes.readInt32BE(at + LENGTH_AT);
    const magic = bytes[at + MAGIC_AT]!;
    if (magic < 2) throw new UnreadableRecordsError(`they are stored in format ${magic}, and Kafka 4 reads 2 alone: rewrite the topic`);
    if (until > bytes.length) break;
    const firstOffset = int64At(bytes, at);
    const lastOffset = firstOffset + bytes.readInt32BE(at + LAST_DELTA_AT);
    const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT);
    const producerId = int64At(bytes, at + PRODUCER_AT);
    for (; aborted < set.aborted.length && set.aborted[aborted]!.firstOffset <= lastOffset; aborted++) voided.add(set.aborted[aborted]!.producerId);
    if (attributes & CONTROL) {
      // Its only record ends a transaction: whatever the producer writes next belongs to another one.
      voided.delete(producerId);
    } else if (lastOffset >= from && !(attributes & TRANSACTIONAL && voided.has(producerId))) {
      const records = bytes.readInt32BE(at + COUNT_AT);
      batches.push({ firstOffset, attributes, firstTime: int64At(bytes, at + FIRST_TIME_AT), maxTime: int64At(bytes, at + MAX_TIME_AT), count: records, from: at + RECORDS_AT, until });
      count += records;
      compressed ||= (attributes & CODEC) !== 0;
    }
    if (lastOffset >= position) {
      position = lastOffset + 1;
      epoch = bytes.readInt32BE(at + EPOCH_AT);
    }
    at = until;
  }
  const data = compressed ? await inflated(bytes, batches, decompress) : bytes;
  return { kind: "records", ...columns(data, batches, count, from), position, end, epoch };
}

/** The records of all batches in one buffer; the batches then point into it. */
async function inflated(bytes: Buffer, batches: readonly StoredBatch[], decompress: Decompress): Promise<Buffer> {
  const parts: Buffer[] = [];
  let at = 0;
  for (const batch of batches) {
    const stored = bytes.subarray(batch.from, batch.until);
    const codec = batch.attributes & CODEC;
    const part = codec === 0 ? stored : await decompress(codec, stored);
    parts.push(part);
    batch.from = at;
    at += part.length;
    batch.until = at;
  }
  return Buffer.concat(parts);
}

function columns(data: Buffer, batches: readonly StoredBatch[], count: number, from: number): Omit<FetchedRecords, "kind" | "position" | "end" | "epoch"> {
  const offsets = new Float64Array(count);
  const appendedAt = new Float64Array(count);
  const valueStart = new Int32Array(count);
  const valueEnd = new Int32Array(count);
  const keyStart = new Int32Array(count);
  const keyEnd = new Int32Array(count);
  let headers: (Readonly<Record<string, Uint8Array>> | undefined)[] | undefined;
  let withKeys = false;
  let i = 0;
  let at = 0;
  /** A zigzag varint of at most 32 bits: lengths and offset deltas. */
  const int = (): number => {
    let byte = data[at++]!;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = data[at++]!;
      value |= (byte & 127) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  };
  for (const { firstOffset, attributes, firstTime, maxTime, count: records, from: first } of batches) {
    const stamped = (attributes & APPEND_TIME) !== 0;
    at = first;
    for (let r = 0; r < records; r++) {
      const length = int();
      const next = at + length;
      at++; // attributes of a record: none are defined
      const timeDelta = data[at]! < 128 ? zigzag(data[at++]!) : wide();
      const offset = firstOffset + int();
      if (offset >= from) {
        offsets[i] = offset;
        appendedAt[i] = stamped ? maxTime : firstTime + timeDelta;
        const keyLength = int();
        if (keyLength < 0) keyStart[i] = keyEnd[i] = -1;
        else {
          withKeys = true;
          keyStart[i] = at;
          keyEnd[i] = at += keyLength;
        }
        const valueLength = int();
        if (valueLength < 0) valueStart[i] = valueEnd[i] = -1;
        else {
          valueStart[i] = at;
          valueEnd[i] = at += valueLength;
        }
        const headerCount = int();
        if (headerCount > 0) {
          const own: Record<string, Uint8Array> = {};
          for (let h = 0; h < headerCount; h++) {
            const nameLength = int();
            const name = data.toString("utf8", at, (at += nameLength));
            const bytes = int();
            own[name] = bytes < 0 ? new Uint8Array() : data.subarray(at, (at += bytes));
          }
          headers ??= new Array<undefined>(count).fill(undefined);
          headers[i] = own;
        }
        i++;
      }
      at = next;
    }
  }
  /** A zigzag varint of up to 64 bits: time deltas. */
  function wide(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = data[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  }
  return {
    length: i,
    offsets: offsets.subarray(0, i),
    appendedAt: appendedAt.subarray(0, i),
    data,
    valueStart: valueStart.subarray(0, i),
    valueEnd: valueEnd.subarray(0, i),
    ...(withKeys ? { keyStart: keyStart.subarray(0, i), keyEnd: keyEnd.subarray(0, i) } : {}),
    ...(headers ? { headers: headers.slice(0, i) } : {}),
  };
}

function zigzag(byte: number): number {
  return (byte >>> 1) ^ -(byte & 1);
}
