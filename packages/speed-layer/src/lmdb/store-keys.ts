import type { LogPartition, SegmentId } from "@millrace/core";

/** What a run's key says of it, so that reads skip runs without touching them. */
export interface RunKey {
  /** Order of writing, over all segments; a run made of others has the newest of theirs. */
  readonly sequence: number;
  readonly rows: number;
  /** First and last window start, epoch ms. */
  readonly minWindow: number;
  readonly maxWindow: number;
  /** The rows are kept until this instant, epoch ms. */
  readonly expiresAt: number;
}

/** In a key: a segment that no manifest ended. Larger than any offset. */
const NO_END = 2n ** 64n - 1n;
const RUN_BYTES = 8 + 4 + 8 + 8 + 8;

function texts(...parts: readonly string[]): Buffer {
  // Each text follows its length, so that no prefix of one key is a key of another.
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part);
      return [Buffer.of(bytes.length >>> 8, bytes.length & 0xff), bytes];
    }),
  );
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function partition({ topic, logVersion, partition }: LogPartition): Buffer {
  return Buffer.concat([texts(topic), u32(logVersion), u32(partition)]);
}

/** Fingerprint, partition and segment: what the runs and the progress of a segment have in common. */
export function segmentKey(fingerprint: string, segment: SegmentId): Buffer {
  return Buffer.concat([texts(fingerprint), partition(segment), u64(segment.first), u64(segment.end ?? NO_END)]);
}

export function runKey(segment: Buffer, run: RunKey): Buffer {
  const key = Buffer.allocUnsafe(segment.length + RUN_BYTES);
  segment.copy(key);
  let at = key.writeBigUInt64BE(BigInt(run.sequence), segment.length);
  at = key.writeUInt32BE(run.rows, at);
  at = key.writeDoubleBE(run.minWindow, at);
  at = key.writeDoubleBE(run.maxWindow, at);
  key.writeDoubleBE(run.expiresAt, at);
  return key;
}

export function parseRunKey(key: Buffer): RunKey {
  const at = key.length - RUN_BYTES;
  return {
    sequence: Number(key.readBigUInt64BE(at)),
    rows: key.readUInt32BE(at + 8),
    minWindow: key.readDoubleBE(at + 12),
    maxWindow: key.readDoubleBE(at + 20),
    expiresAt: key.readDoubleBE(at + 28),
  };
}

/** Bounds of a segment's runs with a sequence above `after`. */
export function runsAfter(segment: Buffer, after: number): { readonly start: Buffer; readonly end: Buffer } {
  return { start: Buffer.concat([segment, u64(after + 1)]), end: Buffer.concat([segment, Buffer.alloc(RUN_BYTES + 1, 0xff)]) };
}

/** By expiry, then run: what a sweep walks. */
export function expiryKey(run: Buffer): Buffer {
  // Rounded up: never dropped before.
  return Buffer.concat([u64(Math.max(0, Math.ceil(parseRunKey(run).expiresAt))), run]);
}

export function parseExpiryKey(key: Buffer): { readonly expiresAt: number; readonly run: Buffer } {
  return { expiresAt: Number(key.readBigUInt64BE(0)), run: key.subarray(8) };
}

/** The progress rows of one view's topic, in the order they were written. */
export function progressPrefix(fingerprint: string, topic: string): Buffer {
  return texts(fingerprint, topic);
}

export function progressKey(prefix: Buffer, sequence: number): Buffer {
  return Buffer.concat([prefix, u64(sequence)]);
}

export function progressAfter(prefix: Buffer, after: number): { readonly start: Buffer; readonly end: Buffer } {
  return { start: progressKey(prefix, after + 1), end: Buffer.concat([prefix, Buffer.alloc(9, 0xff)]) };
}

export function heartbeatPrefix(topic: string): Buffer {
  return texts(topic);
}

export function heartbeatKey(topic: string, partition: number, worker: string): Buffer {
  return Buffer.concat([texts(topic), u32(partition), texts(worker)]);
}
