import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HLL_RANK_BITS, estimateDistinct, hllCoordinateOf, hllCoordinateOfInteger, hllCoordinateOfText } from "./hyper-log-log.js";
import { emptySketch, encodeSketch } from "./sketch.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const split = (coordinate: number) => [coordinate >> HLL_RANK_BITS, coordinate & 63] as const;
const sketchOf = (n: number, prefix = "") => {
  const entries = Array.from({ length: n }, (_, i) => split(hllCoordinateOfText(utf8(`${prefix}${i}`))));
  return encodeSketch("maxByKey", entries);
};

describe("HyperLogLog coordinates", () => {
  it("take the register from the hash's upper 12 bits and the rank from the zeros after them", () => {
    // murmur3("hello") starts cbd8a7b3...: register cbd, then 8 = 1000 binary, so no zero.
    expect(split(hllCoordinateOfText(utf8("hello")))).toEqual([0xcbd, 1]);
    // murmur3("hello, world") starts 342fac62...: register 342, then f.
    expect(split(hllCoordinateOfText(utf8("hello, world")))).toEqual([0x342, 1]);
    // murmur3("") is 0: all 52 bits after the register are zero.
    expect(split(hllCoordinateOfText(utf8("")))).toEqual([0, 53]);
  });

  it("count as many leading zeros as the hash's text shows", () => {
    fc.assert(
      fc.property(fc.nat(), (n) => {
        const text = String(n);
        const [register, rank] = split(hllCoordinateOfText(utf8(text)));
        const bits = binaryHash(text);
        expect(register).toBe(Number.parseInt(bits.slice(0, 12), 2));
        expect(rank).toBe(/^0*/.exec(bits.slice(12))![0].length + 1);
      }),
    );
  });

  it("of an integer are those of its decimal digits, for all of int64", () => {
    const check = (n: number | bigint) => {
      expect(hllCoordinateOfInteger(n)).toBe(hllCoordinateOfText(utf8(String(n))));
    };
    for (const n of [0, -1, 7, 10, -10, 999_999, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2n ** 63n - 1n, -(2n ** 63n)]) check(n);
    fc.assert(fc.property(fc.maxSafeInteger(), check));
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), check));
  });

  it("are equal for an integer as number and as bigint", () => {
    expect(hllCoordinateOfInteger(1234567890123n)).toBe(hllCoordinateOfInteger(1234567890123));
    expect(hllCoordinateOf(true)).toBe(hllCoordinateOfText(utf8("true")));
  });
});

describe("HyperLogLog estimate", () => {
  it("of nothing is 0 and of small sets exact or almost", () => {
    expect(estimateDistinct(emptySketch())).toBe(0);
    for (const n of [1, 2, 5, 10, 50, 100]) expect(Math.abs(estimateDistinct(sketchOf(n)) - n)).toBeLessThanOrEqual(Math.ceil(n * 0.02));
  });

  it.each([1_000, 5_000, 10_000, 30_000, 129_085])("of %d values lies within three standard errors", (n) => {
    for (const prefix of ["", "song ", "user-"]) {
      expect(Math.abs(estimateDistinct(sketchOf(n, prefix)) - n) / n).toBeLessThan((3 * 1.04) / Math.sqrt(4096));
    }
  });
});

function binaryHash(text: string): string {
  // The register and rank packed by the function under test are checked against the hash as hex, from a BigInt murmur3.
  const bytes = utf8(text);
  const u64 = (x: bigint) => BigInt.asUintN(64, x);
  const rotl = (x: bigint, n: bigint) => u64((x << n) | (x >> (64n - n)));
  const load = (from: number, until: number) => [...bytes.slice(from, until)].reduceRight((x, byte) => (x << 8n) | BigInt(byte), 0n);
  const c1 = 0x87c37b91114253d5n;
  const c2 = 0x4cf5ad432745937fn;
  const mix = (k: bigint) => {
    k = u64((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn);
    k = u64((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n);
    return k ^ (k >> 33n);
  };
  // Decimal digits of a 32-bit number are at most 10 bytes: only the tail of the algorithm is at work.
  let h1 = u64(rotl(u64(load(0, 8) * c1), 31n) * c2);
  let h2 = bytes.length > 8 ? u64(rotl(u64(load(8, 16) * c2), 33n) * c1) : 0n;
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  return u64(mix(h1) + mix(h2))
    .toString(2)
    .padStart(64, "0");
}
