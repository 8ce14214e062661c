import type { NewRecord } from "./raw-batch.js";

/** Chooses a partition for records that name none. */
export type Partitioner = (record: NewRecord, partitions: number) => number;

const encoder = new TextEncoder();

/**
 * The partition that Kafka's own producers choose: murmur2 (seed 0x9747b28c) of the key's bytes, sign bit cleared,
 * modulo the number of partitions; so a topic may move between logs and keep its keys together. Records without a key
 * go round robin, starting at partition 0.
 */
export function keyHashPartitioner(): Partitioner {
  let next = 0;
  return ({ key }, partitions) => {
    if (key == null) {
      const partition = next % partitions;
      next = partition + 1;
      return partition;
    }
    return (murmur2(typeof key === "string" ? encoder.encode(key) : key) & 0x7fffffff) % partitions;
  };
}

/** MurmurHash2 (Austin Appleby) in the 32-bit form of Kafka's `Utils.murmur2`. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ bytes.length;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const left = bytes.length - i;
  if (left === 3) h ^= bytes[i + 2]! << 16;
  if (left >= 2) h ^= bytes[i + 1]! << 8;
  if (left >= 1) {
    h ^= bytes[i]!;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return h | 0;
}
