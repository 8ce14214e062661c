/**
 * Murmur3 x64 128 with seed 0 (Appleby, MurmurHash3_x64_128), of which only the first 64 bits are given: what Presto and
 * Trino use for their sketches. 64-bit arithmetic on pairs of 32-bit numbers: no BigInt, no allocation.
 */

/** High and low half of the first eight bytes, read little endian, of the hash made last. Signed 32-bit numbers. */
export const murmur3 = { high: 0, low: 0 };

// Results of the 64-bit operations below: (h, l).
let h = 0;
let l = 0;

/** (h, l) = a * b modulo 2^64. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  // Every product of 16-bit parts plus a 16-bit carry stays below 2^32, so it is exact as a double.
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const upper = (middle & 0xffff) + a0 * b1;
  l = Math.imul(aLow, bLow);
  h = (a1 * b1 + (middle >>> 16) + (upper >>> 16) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0;
}

/** (h, l) = k1 mixed, as it goes into h1. */
function mixK1(high: number, low: number): void {
  multiply(high, low, 0x87c37b91, 0x114253d5); // c1
  // rotate left by 31, times c2
  multiply((h << 31) | (l >>> 1), (l << 31) | (h >>> 1), 0x4cf5ad43, 0x2745937f);
}

/** (h, l) = k2 mixed, as it goes into h2. */
function mixK2(high: number, low: number): void {
  multiply(high, low, 0x4cf5ad43, 0x2745937f); // c2
  // rotate left by 33, which is the halves swapped and left by 1, times c1
  multiply((l << 1) | (h >>> 31), (h << 1) | (l >>> 31), 0x87c37b91, 0x114253d5);
}

/** (h, l) = the final mix of a half. */
function finalMix(high: number, low: number): void {
  multiply(high, low ^ (high >>> 1), 0xff51afd7, 0xed558ccd); // k ^= k >>> 33
  multiply(h, l ^ (h >>> 1), 0xc4ceb9fe, 0x1a85ec53);
  l ^= h >>> 1;
}

/** Hashes `bytes[from, until)` into {@link murmur3}. */
export function murmur3x64(bytes: Uint8Array, from: number, until: number): void {
  const length = until - from;
  let h1 = 0;
  let l1 = 0;
  let h2 = 0;
  let l2 = 0;
  let at = from;
  for (; at + 16 <= until; at += 16) {
    mixK1(word(bytes, at + 4), word(bytes, at));
    h1 ^= h;
    l1 ^= l;
    // h1 = rotl(h1, 27) + h2, then * 5 + 0x52dce729
    let high = (h1 << 27) | (l1 >>> 5);
    let low = (l1 << 27) | (h1 >>> 5);
    let sum = (low >>> 0) + (l2 >>> 0);
    high = (high + h2 + (sum > 0xffffffff ? 1 : 0)) | 0;
    multiply(high, sum | 0, 0, 5);
    sum = (l >>> 0) + 0x52dce729;
    l1 = sum | 0;
    h1 = (h + (sum > 0xffffffff ? 1 : 0)) | 0;
    mixK2(word(bytes, at + 12), word(bytes, at + 8));
    h2 ^= h;
    l2 ^= l;
    // h2 = rotl(h2, 31) + h1, then * 5 + 0x38495ab5
    high = (h2 << 31) | (l2 >>> 1);
    low = (l2 << 31) | (h2 >>> 1);
    sum = (low >>> 0) + (l1 >>> 0);
    high = (high + h1 + (sum > 0xffffffff ? 1 : 0)) | 0;
    multiply(high, sum | 0, 0, 5);
    sum = (l >>> 0) + 0x38495ab5;
    l2 = sum | 0;
    h2 = (h + (sum > 0xffffffff ? 1 : 0)) | 0;
  }
  const rest = until - at;
  if (rest > 8) {
    mixK2(tail(bytes, at + 12, until), tail(bytes, at + 8, until));
    h2 ^= h;
    l2 ^= l;
  }
  if (rest > 0) {
    mixK1(tail(bytes, at + 4, until), tail(bytes, at, until));
    h1 ^= h;
    l1 ^= l;
  }
  l1 ^= length;
  l2 ^= length;
  let sum = (l1 >>> 0) + (l2 >>> 0);
  l1 = sum | 0;
  h1 = (h1 + h2 + (sum > 0xffffffff ? 1 : 0)) | 0;
  sum = (l2 >>> 0) + (l1 >>> 0);
  l2 = sum | 0;
  h2 = (h2 + h1 + (sum > 0xffffffff ? 1 : 0)) | 0;
  finalMix(h1, l1);
  h1 = h;
  l1 = l;
  finalMix(h2, l2);
  sum = (l1 >>> 0) + (l >>> 0);
  murmur3.low = sum | 0;
  murmur3.high = (h1 + h + (sum > 0xffffffff ? 1 : 0)) | 0;
}

/** Four bytes, little endian. */
function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Up to four bytes, little endian, missing ones 0. */
function tail(bytes: Uint8Array, at: number, until: number): number {
  let value = 0;
  for (let i = Math.min(until, at + 4) - 1; i >= at; i--) value = (value << 8) | bytes[i]!;
  return value;
}
