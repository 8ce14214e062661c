/** Starts the hash of a row: mix in the code of each dimension next. */
export function hashWindow(window: number): number {
  return mix((window / 0x1_0000_0000) | 0, window | 0);
}

/** One round of MurmurHash3's 32-bit body, with part of its finish. */
export function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
