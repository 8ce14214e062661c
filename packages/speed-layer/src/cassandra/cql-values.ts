import { normalInt64 } from "@millrace/core";

/*
 * Values of CQL types as bytes. The driver sends a Buffer as it is, so that what a thousand rows have in common is
 * encoded once, and integers need no objects of their own.
 */

/** `bigint` and `timestamp`: eight bytes, big endian. @throws {RangeError} for what int64 does not hold. */
export function bigintBytes(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    const high = Math.floor(value / 2 ** 32);
    bytes.writeInt32BE(high, 0);
    bytes.writeUInt32BE(value - high * 2 ** 32, 4);
  } else bytes.writeBigInt64BE(BigInt(value), 0);
  return bytes;
}

/** `int`: four bytes. */
export function intBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value, 0);
  return bytes;
}

const TRUE = Buffer.of(1);
const FALSE = Buffer.of(0);

/** `boolean`: one byte. */
export function booleanBytes(value: boolean): Buffer {
  return value ? TRUE : FALSE;
}

/** A `blob` that shares its memory with `value`. */
export function blobBytes(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** What clients make of `bigint` columns: the driver's `Long`, or a bigint. */
type Wide = number | bigint | { readonly high: number; readonly low: number };

/** A `bigint` column's value as a bigint. */
export function toBigint(value: unknown): bigint {
  const wide = value as Wide;
  if (typeof wide !== "object") return BigInt(wide);
  return (BigInt(wide.high) << 32n) | BigInt(wide.low >>> 0);
}

/** A `bigint` column's value: a number while safe, a bigint beyond. */
export function toInt64(value: unknown): number | bigint {
  const wide = value as Wide;
  if (typeof wide === "object") {
    const number = wide.high * 2 ** 32 + (wide.low >>> 0);
    return Number.isSafeInteger(number) ? number : normalInt64(toBigint(wide));
  }
  return typeof wide === "bigint" ? normalInt64(wide) : wide;
}

/** A `bigint` column's value that is known to be safe: an offset, a count. */
export function toNumber(value: unknown): number {
  return Number(toInt64(value));
}

/** A `timestamp` column's value, epoch ms. */
export function toEpochMs(value: unknown): number {
  return value instanceof Date ? value.getTime() : Number(value);
}

/** A copy of a `blob` column's value: the driver's shares the memory of the whole page. */
export function toBytes(value: unknown): Uint8Array {
  return Uint8Array.from(value as Uint8Array);
}
