import type { LogPartition } from "../log/position.js";
import type { NewRecord, RawBatch } from "../log/raw-batch.js";
import type { ChunkBytes } from "./chunk-bytes.js";

/*
 * A chunk: consecutive records of one partition as one LMDB value, little endian.
 *
 *    0  u8   format (1)
 *    1  u8   flags: 1 = keys, 2 = headers, 4 = a broker time for each record
 *    4  u32  records
 *    8  f64  offset of the first record; the others follow without gaps
 *   16  f64  broker time of the first record, epoch ms
 *   24  f64  broker time of the last record
 *   32  u32  bytes of headers (JSON: one object of base64 texts, or null, a record)
 *   36  u32  0
 *   40  f64[records]   broker times          (flag 4; else all are those of the first)
 *       i32[records]   end of each value in the data
 *       i32[records]   length of each key, -1 for none (flag 1)
 *       headers, then data: key and value of each record in turn
 */
const FORMAT = 1;
const HEADER_BYTES = 40;
const KEYS = 1;
const HEADERS = 2;
const TIMES = 4;

/** Bytes of keys and values that a chunk holds at most, unless one record alone is larger. */
export const MAX_CHUNK_BYTES = 512 * 1024;
export const MAX_CHUNK_RECORDS = 1_000;

export interface ChunkInfo {
  readonly count: number;
  readonly first: number;
  readonly firstAppendedAt: number;
  readonly lastAppendedAt: number;
}

export function recordBytes({ key, value }: NewRecord): number {
  return byteLength(value) + (key == null ? 0 : byteLength(key));
}

/** Encodes records `[from, until)`; `times` holds the broker time of record `i` at `i`. */
export function encodeChunk(records: readonly NewRecord[], from: number, until: number, firstOffset: number, times: Float64Array): Buffer {
  const count = until - from;
  let bytes = 0;
  let flags = 0;
  for (let i = from; i < until; i++) {
    const record = records[i]!;
    bytes += recordBytes(record);
    if (record.key != null) flags |= KEYS;
    if (record.headers !== undefined) flags |= HEADERS;
    if (times[i] !== times[from]) flags |= TIMES;
  }
  const headers = flags & HEADERS ? Buffer.from(JSON.stringify(records.slice(from, until).map(headersAsJson))) : undefined;
  const endsAt = HEADER_BYTES + (flags & TIMES ? 8 * count : 0);
  const keysAt = endsAt + 4 * count;
  const headersAt = keysAt + (flags & KEYS ? 4 * count : 0);
  const dataAt = headersAt + (headers?.length ?? 0);
  const chunk = Buffer.allocUnsafe(dataAt + bytes);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  view.setUint32(0, FORMAT | (flags << 8), true);
  view.setUint32(4, count, true);
  view.setFloat64(8, firstOffset, true);
  view.setFloat64(16, times[from]!, true);
  view.setFloat64(24, times[until - 1]!, true);
  view.setUint32(32, headers?.length ?? 0, true);
  view.setUint32(36, 0, true);
  headers?.copy(chunk, headersAt);
  let at = dataAt;
  for (let i = 0; i < count; i++) {
    const { key, value } = records[from + i]!;
    if (flags & TIMES) view.setFloat64(HEADER_BYTES + 8 * i, times[from + i]!, true);
    if (flags & KEYS) {
      const length = key == null ? -1 : put(chunk, key, at);
      view.setInt32(keysAt + 4 * i, length, true);
      if (length > 0) at += length;
    }
    at += put(chunk, value, at);
    view.setInt32(endsAt + 4 * i, at - dataAt, true);
  }
  return chunk;
}

/** @throws {RangeError} when the chunk is of a format that this version does not know. */
export function readChunkInfo(chunk: Uint8Array): ChunkInfo {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const format = view.getUint8(0);
  if (format !== FORMAT) throw new RangeError(`reading a chunk of format ${format}, known is ${FORMAT}`);
  return {
    count: view.getUint32(4, true),
    first: view.getFloat64(8, true),
    firstAppendedAt: view.getFloat64(16, true),
    lastAppendedAt: view.getFloat64(24, true),
  };
}

/** The index of the first record with a broker time at or above `instant`, or the chunk's count. */
export function firstAppendedSince(chunk: Uint8Array, instant: number): number {
  const { count, firstAppendedAt } = readChunkInfo(chunk);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  if (!(view.getUint8(1) & TIMES)) return firstAppendedAt >= instant ? 0 : count;
  for (let i = 0; i < count; i++) if (view.getFloat64(HEADER_BYTES + 8 * i, true) >= instant) return i;
  return count;
}

/** Chunks that follow each other as one batch, whose data is theirs. `position` and `end` as in {@link RawBatch}. */
export function decodeChunks(partition: LogPartition, chunks: ChunkBytes, position: number, end: number): RawBatch {
  const { data, starts } = chunks;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let length = 0;
  let flags = 0;
  for (const base of starts) {
    length += view.getUint32(base + 4, true);
    flags |= data[base + 1]!;
  }
  const offsets = new Float64Array(length);
  const appendedAt = new Float64Array(length);
  const valueStart = new Int32Array(length);
  const valueEnd = new Int32Array(length);
  const keyStart = flags & KEYS ? new Int32Array(length) : undefined;
  const keyEnd = flags & KEYS ? new Int32Array(length) : undefined;
  const headers = flags & HEADERS ? new Array<Readonly<Record<string, Uint8Array>> | undefined>(length) : undefined;
  let i = 0;
  for (const base of starts) {
    const { count, first, firstAppendedAt } = readChunkInfo(data.subarray(base));
    const own = data[base + 1]!;
    const headerBytes = view.getUint32(base + 32, true);
    const timesAt = base + HEADER_BYTES;
    const endsAt = timesAt + (own & TIMES ? 8 * count : 0);
    const keysAt = endsAt + 4 * count;
    const headersAt = keysAt + (own & KEYS ? 4 * count : 0);
    const dataAt = headersAt + headerBytes;
    if (headers && own & HEADERS) {
      const parsed = JSON.parse(data.toString("utf8", headersAt, dataAt)) as readonly JsonHeaders[];
      for (let r = 0; r < count; r++) headers[i + r] = headersFromJson(parsed[r]!);
    }
    let at = dataAt;
    for (let r = 0; r < count; r++, i++) {
      offsets[i] = first + r;
      appendedAt[i] = own & TIMES ? view.getFloat64(timesAt + 8 * r, true) : firstAppendedAt;
      if (keyStart && keyEnd) {
        const keyLength = own & KEYS ? view.getInt32(keysAt + 4 * r, true) : -1;
        keyStart[i] = keyLength < 0 ? -1 : at;
        if (keyLength > 0) at += keyLength;
        keyEnd[i] = keyLength < 0 ? -1 : at;
      }
      valueStart[i] = at;
      at = dataAt + view.getInt32(endsAt + 4 * r, true);
      valueEnd[i] = at;
    }
  }
  return {
    topic: partition.topic,
    logVersion: partition.logVersion,
    partition: partition.partition,
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
  };
}

type JsonHeaders = Readonly<Record<string, string>> | null;

function headersAsJson({ headers }: NewRecord): JsonHeaders {
  if (headers === undefined) return null;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString("base64")]));
}

function headersFromJson(headers: JsonHeaders): Readonly<Record<string, Uint8Array>> | undefined {
  if (headers === null) return undefined;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Uint8Array.from(Buffer.from(value, "base64"))]));
}

function byteLength(value: Uint8Array | string): number {
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}

function put(chunk: Buffer, value: Uint8Array | string, at: number): number {
  if (typeof value === "string") return chunk.write(value, at, "utf8");
  chunk.set(value, at);
  return value.length;
}
