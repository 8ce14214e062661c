import type { LogPartition } from "./position.js";

/** A record on its way into a log. */
export interface NewRecord {
  /** Absent: by key hash, or round robin without a key. */
  readonly partition?: number;
  readonly key?: Uint8Array | string | null;
  readonly value: Uint8Array | string;
  readonly headers?: Readonly<Record<string, Uint8Array>>;
}

/**
 * Consecutive records of one partition, as read: parallel arrays over one buffer, so that a scanner walks bytes and
 * nothing is copied or parsed that is not needed. Immutable; a batch may share its buffers with others.
 */
export interface RawBatch extends LogPartition {
  readonly length: number;
  /** Offset of each record, growing; logs may have gaps. */
  readonly offsets: Float64Array;
  /** Broker time of each record, epoch ms; may step back. */
  readonly appendedAt: Float64Array;
  readonly data: Uint8Array;
  /** Record `i`'s value is `data[valueStart[i] .. valueEnd[i])`; `valueStart[i] < 0` is a null value. */
  readonly valueStart: Int32Array;
  readonly valueEnd: Int32Array;
  /** As for values; absent when no record of the batch has a key. */
  readonly keyStart?: Int32Array;
  readonly keyEnd?: Int32Array;
  readonly headers?: readonly (Readonly<Record<string, Uint8Array>> | undefined)[];
  /** Where reading goes on: past the last record, and past gaps and control records that were skipped. */
  readonly position: number;
  /** The partition's end when this batch was read: caught up where `position >= end`. */
  readonly end: number;
}

/** The batch without the records at these offsets, sharing its buffers. */
export function withoutOffsets(batch: RawBatch, offsets: ReadonlySet<number>): RawBatch {
  const kept: number[] = [];
  for (let i = 0; i < batch.length; i++) if (!offsets.has(batch.offsets[i]!)) kept.push(i);
  if (kept.length === batch.length) return batch;
  const { offsets: all, appendedAt, valueStart, valueEnd, keyStart, keyEnd, headers } = batch;
  const ints = (values: Int32Array) => Int32Array.from(kept, (i) => values[i]!);
  return {
    topic: batch.topic,
    logVersion: batch.logVersion,
    partition: batch.partition,
    length: kept.length,
    offsets: Float64Array.from(kept, (i) => all[i]!),
    appendedAt: Float64Array.from(kept, (i) => appendedAt[i]!),
    data: batch.data,
    valueStart: ints(valueStart),
    valueEnd: ints(valueEnd),
    ...(keyStart && keyEnd ? { keyStart: ints(keyStart), keyEnd: ints(keyEnd) } : {}),
    ...(headers ? { headers: kept.map((i) => headers[i]) } : {}),
    position: batch.position,
    end: batch.end,
  };
}

/** Records `[from, until)` of a batch, sharing its buffers. `position` becomes the offset after the last record kept. */
export function sliceRawBatch(batch: RawBatch, from: number, until: number): RawBatch {
  if (from === 0 && until === batch.length) return batch;
  return {
    topic: batch.topic,
    logVersion: batch.logVersion,
    partition: batch.partition,
    length: until - from,
    offsets: batch.offsets.subarray(from, until),
    appendedAt: batch.appendedAt.subarray(from, until),
    data: batch.data,
    valueStart: batch.valueStart.subarray(from, until),
    valueEnd: batch.valueEnd.subarray(from, until),
    ...(batch.keyStart && batch.keyEnd ? { keyStart: batch.keyStart.subarray(from, until), keyEnd: batch.keyEnd.subarray(from, until) } : {}),
    ...(batch.headers ? { headers: batch.headers.slice(from, until) } : {}),
    position: until === batch.length ? batch.position : until > from ? batch.offsets[until - 1]! + 1 : batch.position,
    end: batch.end,
  };
}
