/** Tables for eight bytes at a time ("slicing-by-8", M. Kounavis and F. Berry, 2005), reflected polynomial of Castagnoli. */
const TABLES = tables();

function tables(): readonly Uint32Array[] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  const all = [first];
  for (let slice = 1; slice < 8; slice++) all.push(all[slice - 1]!.map((crc) => (crc >>> 8) ^ first[crc & 255]!));
  return all;
}

/** CRC-32C (RFC 3720) of `bytes[from ..)`, as Kafka's batches carry it. Node has it in no version that is supported here. */
export function crc32c(bytes: Uint8Array, from: number): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const end = bytes.length;
  let crc = 0xffffffff;
  let at = from;
  for (; at + 8 <= end; at += 8) {
    crc =
      t7[(crc ^ bytes[at]!) & 255]! ^
      t6[((crc >>> 8) ^ bytes[at + 1]!) & 255]! ^
      t5[((crc >>> 16) ^ bytes[at + 2]!) & 255]! ^
      t4[((crc >>> 24) ^ bytes[at + 3]!) & 255]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return (crc ^ 0xffffffff) >>> 0;
}
