import type { LogPartition } from "./position.js";
import type { RawBatch } from "./raw-batch.js";

/** One record with its coordinates, as adapters and tests hold them before they become a {@link RawBatch}. */
export interface LogRecord {
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAt: number;
  readonly key?: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, Uint8Array>>;
}

/**
 * Records of one partition, in offset order, copied into one buffer. `position` defaults to the offset after the last
 * record, `end` to `position`; a batch without records must say its position.
 *
 * @throws {RangeError} when the bytes exceed 2 GiB: batches index them with 32 bits.
 */
export function rawBatchOf(
  partition: LogPartition,
  records: readonly LogRecord[],
  range: { readonly position?: number; readonly end?: number } = {},
): RawBatch {
  const length = records.length;
  let bytes = 0;
  let withKeys = false;
  let withHeaders = false;
  for (const { key, value, headers } of records) {
    bytes += (value?.length ?? 0) + (key?.length ?? 0);
    withKeys ||= key != null;
    withHeaders ||= headers !== undefined;
  }
  if (bytes >= 2 ** 31) throw new RangeError(`building a batch of ${bytes} bytes: at most 2 GiB`);
  const offsets = new Float64Array(length);
  const appendedAt = new Float64Array(length);
  const data = new Uint8Array(bytes);
  const valueStart = new Int32Array(length);
  const valueEnd = new Int32Array(length);
  const keyStart = withKeys ? new Int32Array(length) : undefined;
  const keyEnd = withKeys ? new Int32Array(length) : undefined;
  let at = 0;
  const put = (bytes: Uint8Array | null | undefined, starts: Int32Array, ends: Int32Array, i: number): void => {
    if (bytes == null) {
      starts[i] = -1;
      ends[i] = -1;
      return;
    }
    starts[i] = at;
    data.set(bytes, at);
    at += bytes.length;
    ends[i] = at;
  };
  for (let i = 0; i < length; i++) {
    const record = records[i]!;
    offsets[i] = record.offset;
    appendedAt[i] = record.appendedAt;
    put(record.value, valueStart, valueEnd, i);
    if (keyStart && keyEnd) put(record.key, keyStart, keyEnd, i);
  }
  const position = range.position ?? (length > 0 ? offsets[length - 1]! + 1 : range.end);
  if (position === undefined) throw new RangeError("building a batch without records: its position is missing");
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
    ...(withHeaders ? { headers: records.map(({ headers }) => headers) } : {}),
    position,
    end: range.end ?? position,
  };
}
