import { Bool, Field, Float64, Int32, Int64, List, makeData, TimestampMillisecond, type Binary, type Data, type Decimal, type Utf8 } from "apache-arrow";

/*
 * Arrow columns of plain values, null where there is none. For rows that are few: the master files' columns are made
 * from typed arrays, see `column-chunk.ts`.
 */

type Integers = readonly (number | bigint | null)[];

export function integerData(values: Integers): Data {
  return makeData({ type: new Int64(), length: values.length, data: int64s(values), ...validity(values) });
}

/** Epoch milliseconds, UTC. */
export function timestampData(values: Integers): Data {
  return makeData({ type: new TimestampMillisecond("UTC"), length: values.length, data: int64s(values), ...validity(values) });
}

/** Scaled integers of 64 bits. */
export function decimalData(values: Integers, type: Decimal): Data {
  const words = new BigInt64Array(2 * values.length);
  values.forEach((value, i) => {
    words[2 * i] = BigInt(value ?? 0);
    words[2 * i + 1] = BigInt(value ?? 0) < 0n ? -1n : 0n;
  });
  return makeData({ type, length: values.length, data: new Uint32Array(words.buffer), ...validity(values) });
}

export function floatData(values: readonly unknown[]): Data {
  return makeData({ type: new Float64(), length: values.length, data: Float64Array.from(values, (value) => Number(value ?? 0)), ...validity(values) });
}

export function booleanData(values: readonly unknown[]): Data {
  const data = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value === true) data[i >> 3]! |= 1 << (i & 7);
  });
  return makeData({ type: new Bool(), length: values.length, data, ...validity(values) });
}

/** Texts, or bytes. */
export function bytesData(values: readonly unknown[], type: Utf8 | Binary): Data {
  const encoder = new TextEncoder();
  const parts = values.map((value) => (value === null ? new Uint8Array() : typeof value === "string" ? encoder.encode(value) : (value as Uint8Array)));
  return makeData({ type: type as Utf8, length: values.length, valueOffsets: offsetsOf(parts), data: Buffer.concat(parts), ...validity(values) });
}

export function listData(values: readonly (readonly number[])[], type: Int32 | Int64): Data {
  const flat = values.flat();
  const child: Data =
    type instanceof Int32
      ? makeData({ type, length: flat.length, nullCount: 0, data: Int32Array.from(flat) })
      : makeData({ type, length: flat.length, nullCount: 0, data: BigInt64Array.from(flat, BigInt) });
  return makeData({ type: new List(new Field("item", type, false)) as List, length: values.length, nullCount: 0, valueOffsets: offsetsOf(values), child });
}

const int64s = (values: Integers): BigInt64Array => BigInt64Array.from(values, (value) => BigInt(value ?? 0));

function offsetsOf(parts: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1);
  parts.forEach(({ length }, i) => (offsets[i + 1] = offsets[i]! + length));
  return offsets;
}

/** Arrow's validity bitmap: bit `i` set where value `i` is not null. */
function validity(values: readonly unknown[]): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8)).fill(255);
  let nullCount = 0;
  values.forEach((value, i) => {
    if (value !== null) return;
    nullBitmap[i >> 3]! &= ~(1 << (i & 7));
    nullCount++;
  });
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}
