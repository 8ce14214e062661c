import { murmur3, murmur3x64 } from "./murmur3.js";
import { sketchEntries } from "./sketch.js";

/**
 * The HyperLogLog of Presto and Trino: p = 12, so 4,096 registers; hash = first eight bytes, little endian, of murmur3
 * x64 128 with seed 0 of the value's UTF-8 text. Register and rank are those of airlift's `DenseHll`: register = the
 * hash's upper 12 bits, rank = leading zeros of the rest + 1 (1 to 53).
 *
 * The text of a value is: of text itself; of int64, of a decimal's scaled integer and of a timestamp's epoch
 * milliseconds, the decimal digits; of a boolean `true` or `false`; of a float64 JavaScript's shortest form.
 */
export const HLL_REGISTERS = 4_096;

/** Highest rank: 52 bits after the register, all zero, + 1. */
const MAX_RANK = 53;

/** A coordinate packs `register * 64 + rank`; in a sketch the register is the key and the largest rank its value. */
export const HLL_RANK_BITS = 6;

/** The coordinate of the text whose UTF-8 is `bytes[from, until)`. */
export function hllCoordinateOfText(bytes: Uint8Array, from = 0, until = bytes.length): number {
  murmur3x64(bytes, from, until);
  const { high, low } = murmur3;
  const upper = (high << 12) | (low >>> 20);
  // The 1 below the hash's last bit ends the count when all 52 bits are zero.
  const zeros = upper === 0 ? 32 + Math.clz32((low << 12) | 0x800) : Math.clz32(upper);
  return ((high >>> 20) << HLL_RANK_BITS) | (zeros + 1);
}

const digits = new Uint8Array(20);

/** The coordinate of an integer: of its decimal digits. Takes all of int64. */
export function hllCoordinateOfInteger(n: number | bigint): number {
  if (typeof n === "bigint" || !Number.isSafeInteger(n)) return hllCoordinateOf(String(n));
  let at = digits.length;
  let rest = n < 0 ? -n : n;
  do {
    const next = Math.floor(rest / 10);
    digits[--at] = 48 + (rest - next * 10);
    rest = next;
  } while (rest > 0);
  if (n < 0) digits[--at] = 45;
  return hllCoordinateOfText(digits, at, digits.length);
}

const encoder = new TextEncoder();

/** The coordinate of a text, a boolean or a float64; slower than the two above. */
export function hllCoordinateOf(value: string | boolean | number): number {
  return hllCoordinateOfText(encoder.encode(String(value)));
}

/**
 * The estimated number of distinct values in a sketch of ranks by register: standard error 1.04 / sqrt(4096) = 1.6 %,
 * near exact for small sets.
 *
 * Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: one formula for every
 * size, without tables of bias. The same bytes counted by Presto's `cardinality` differ a little, within the error.
 */
export function estimateDistinct(sketch: Uint8Array): number {
  const histogram = new Uint32Array(MAX_RANK + 1);
  let used = 0;
  for (const [, rank] of sketchEntries(sketch)) {
    histogram[rank]!++;
    used++;
  }
  histogram[0] = HLL_REGISTERS - used;
  const m = HLL_REGISTERS;
  let z = m * tau(1 - histogram[MAX_RANK]! / m);
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
  z += m * sigma(histogram[0] / m);
  return Math.round(((m / (2 * Math.LN2)) * m) / z);
}

function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let z = x;
  for (let y = 1, last = Number.NaN; z !== last; y += y) {
    x *= x;
    last = z;
    z += x * y;
  }
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let z = 1 - x;
  for (let y = 0.5, last = Number.NaN; z !== last; y *= 0.5) {
    x = Math.sqrt(x);
    last = z;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}
