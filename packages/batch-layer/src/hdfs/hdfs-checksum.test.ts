import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32c } from "./crc32c.js";
import { comparableChecksum, HdfsChecksum } from "./hdfs-checksum.js";

/** One bit at a time, as the polynomial is defined. */
function naiveCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

it("CRC-32C has the check value of its definition, and goes on where it ended", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
      const cut = Math.min(at, bytes.length);
      expect(crc32c(bytes, cut, bytes.length, crc32c(bytes, 0, cut))).toBe(naiveCrc(bytes));
    }),
  );
});

it.each([
  ["hello", 1, 16 * 2 ** 20, "2ebac5fafc444475c9720587791d7412"],
  ["some words ", 40 * 2 ** 20, 16 * 2 ** 20, "b4bf8a72010598c7c1a1b4c1fc8ab060"],
] as const)("%s, repeated: the checksum that HDFS 3.5.0 gave", (text, length, blockBytes, expected) => {
  const content = length === 1 ? Buffer.from(text) : Buffer.alloc(length, text);
  const checksum = new HdfsChecksum(blockBytes);
  // In pieces that end nowhere in particular.
  for (let at = 0; at < content.length; at += 999_983) checksum.update(content.subarray(at, at + 999_983));
  expect([checksum.bytes, checksum.digest(), checksum.digest()]).toEqual([content.length, expected, expected]);
});

it("does not depend on the pieces, and tells any two contents apart that differ in a byte", () => {
  const of = (...pieces: readonly Uint8Array[]): string => {
    const checksum = new HdfsChecksum(1_024);
    for (const piece of pieces) checksum.update(piece);
    return checksum.digest();
  };
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 5_000 }), fc.nat(5_000), (content, at) => {
      const cut = at % content.length;
      expect(of(content.subarray(0, cut), content.subarray(cut))).toBe(of(content));
      const other = content.slice();
      other[cut]! ^= 1;
      expect(of(other)).not.toBe(of(content));
    }),
    { numRuns: 50 },
  );
});

it("compares with the algorithm that it computes, and no other", () => {
  const bytes = "0000020000000000000000002EBAC5fafc444475c9720587791d741200000000";
  expect(comparableChecksum({ algorithm: "MD5-of-0MD5-of-512CRC32C", bytes })).toBe("2ebac5fafc444475c9720587791d7412");
  for (const algorithm of ["MD5-of-0MD5-of-512CRC32", "MD5-of-0MD5-of-4096CRC32C", "COMPOSITE-CRC32C"]) expect(comparableChecksum({ algorithm, bytes })).toBeUndefined();
});
