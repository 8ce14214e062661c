/** CRC of a byte followed by n zero bytes, n from 0 to 7, one table after another ("slicing by 8"). */
const TABLES = (() => {
  const tables = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[i] = crc;
  }
  for (let i = 256; i < tables.length; i++) tables[i] = (tables[i - 256]! >>> 8) ^ tables[tables[i - 256]! & 255]!;
  return tables;
})();

/**
 * CRC-32C (Castagnoli) of `bytes[from, until)`, going on from `crc`: 0 begins. Node's `zlib.crc32` is another polynomial.
 * Slicing by 8: M. Kounavis, F. Berry, "A Systematic Approach to Building High Performance Software-Based CRC
 * Generators", 2005.
 */
export function crc32c(bytes: Uint8Array, from = 0, until = bytes.length, crc = 0): number {
  const t = TABLES;
  let c = ~crc;
  let i = from;
  for (const end = until - 7; i < end; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c =
      t[1_792 + (c & 255)]! ^
      t[1_536 + ((c >>> 8) & 255)]! ^
      t[1_280 + ((c >>> 16) & 255)]! ^
      t[1_024 + (c >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < until; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}
