import type { NewRecord } from "../log/raw-batch.js";
import { crc32c } from "./crc32c.js";

/** Who wrote a batch, so that a broker knows a repetition. */
export interface BatchSequence {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Number of its first record among the producer's records of the partition, modulo 2^31. */
  readonly first: number;
}

/** Applies one of Kafka's codecs. */
export interface Compression {
  /** 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec: number;
  compress(bytes: Buffer): Promise<Buffer>;
}

const HEADER_BYTES = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;

/**
 * Records of one partition as one batch of Kafka's format 2 (https://kafka.apache.org/documentation/#recordbatch). They all
 * have the one time `stampedAt` (epoch ms), which a topic with `LogAppendTime` replaces.
 */
export async function encodeRecordBatch(records: readonly NewRecord[], sequence: BatchSequence, stampedAt: number, compression?: Compression): Promise<Buffer> {
  const sizes = new Int32Array(records.length);
  let bytes = 0;
  for (let i = 0; i < records.length; i++) {
    const size = recordSize(records[i]!, i);
    sizes[i] = size;
    bytes += varintSize(size) + size;
  }
  let batch = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  let at = HEADER_BYTES;
  const int = (value: number): void => {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 127; rest >>>= 7) batch[at++] = (rest & 127) | 128;
    batch[at++] = rest;
  };
  const put = (value: Uint8Array | string): void => {
    if (typeof value === "string") {
      const length = Buffer.byteLength(value);
      int(length);
      batch.write(value, at, "utf8");
      at += length;
    } else {
      int(value.length);
      batch.set(value, at);
      at += value.length;
    }
  };
  for (let i = 0; i < records.length; i++) {
    const { key, value, headers } = records[i]!;
    int(sizes[i]!);
    batch[at++] = 0; // attributes
    batch[at++] = 0; // time since the batch's
    int(i);
    if (key == null) int(-1);
    else put(key);
    put(value);
    const pairs = headers === undefined ? [] : Object.entries(headers);
    int(pairs.length);
    for (const [name, content] of pairs) {
      put(name);
      put(content);
    }
  }
  if (compression !== undefined) batch = Buffer.concat([batch.subarray(0, HEADER_BYTES), await compression.compress(batch.subarray(HEADER_BYTES))]);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(compression?.codec ?? 0, ATTRIBUTES_AT);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(stampedAt), 27);
  batch.writeBigInt64BE(BigInt(stampedAt), 35);
  batch.writeBigInt64BE(BigInt(sequence.producerId), 43);
  batch.writeInt16BE(sequence.producerEpoch, 51);
  batch.writeInt32BE(sequence.first, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT);
  return batch;
}

/** Bytes that the records take in a batch, at most: before they are compressed, and whatever their places in it. */
export function recordsSize(records: readonly NewRecord[]): number {
  let bytes = 0;
  for (const record of records) {
    const size = recordSize(record, LAST_INDEX);
    bytes += varintSize(size) + size;
  }
  return bytes;
}

/** Of a batch: more records do not fit into any. */
const LAST_INDEX = 2 ** 20;

function recordSize({ key, value, headers }: NewRecord, index: number): number {
  let size = 2 + varintSize(index) + (key == null ? 1 : framed(byteLength(key))) + framed(byteLength(value));
  const pairs = headers === undefined ? [] : Object.entries(headers);
  size += varintSize(pairs.length);
  for (const [name, content] of pairs) size += framed(Buffer.byteLength(name)) + framed(content.length);
  return size;
}

const framed = (length: number): number => varintSize(length) + length;

function byteLength(value: Uint8Array | string): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}

/** Bytes of a zigzag varint that is not negative. */
function varintSize(value: number): number {
  let size = 1;
  for (let rest = value * 2; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
