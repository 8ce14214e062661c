import { CorruptSketchError } from "./corrupt-sketch-error.js";

/*
 * A sketch is a map from an integer key to a positive integer: of HyperLogLog from register to largest rank
 * (`maxByKey`), of DDSketch from coordinate to count (`sumByKey`). Equal maps have equal bytes, in one of two forms:
 *
 * - sparse: byte 0x10, then by growing key the difference to the key before (the first: to 0) and the value, both LEB128;
 * - dense, for `maxByKey` with more than DENSE_ABOVE entries: Presto's and Trino's dense HyperLogLog (airlift, format 2):
 *   bytes 3, 12 and the smallest rank; 2,048 bytes of 4-bit ranks above it, even register in the high half, 15 and more
 *   as 15; then as uint16 little endian the number of those above 15, their registers, and a byte each of rank above 15.
 *   An empty register has rank 0.
 *
 * A zero is never an entry: it is neutral to both ways of combining.
 */

const SPARSE = 0x10;
const DENSE = 3;
const INDEX_BITS = 12;
const REGISTERS = 1 << INDEX_BITS;
const DENSE_HEADER = 3;
const DENSE_DELTAS = REGISTERS / 2;
const MAX_RANK = 53;

/** With more entries than this a `maxByKey` sketch is dense: about where the sparse form is no longer the smaller. */
export const DENSE_ABOVE = 1_024;

/** Ways in which sketches combine, key by key. */
export type SketchCombine = "maxByKey" | "sumByKey";

/** A key and its value. */
export type SketchEntry = readonly [key: number, value: number];

const EMPTY = Uint8Array.of(SPARSE);

/** The sketch of nothing, new at every call. */
export function emptySketch(): Uint8Array {
  return EMPTY.slice();
}

/**
 * The canonical bytes of a map, given in any order; repeated keys combine, zeros are left out. Keys and values are
 * integers from 0 to 2^53.
 *
 * @throws {RangeError} for other keys or values, and for `maxByKey` beyond 4,096 registers and rank 53.
 */
export function encodeSketch(combine: SketchCombine, entries: Iterable<readonly [key: number, value: number | bigint]>): Uint8Array {
  const map = new Map<number, number>();
  for (const [key, given] of entries) {
    const value = Number(given);
    if (!Number.isSafeInteger(key) || key < 0) throw new RangeError(`encoding a sketch: ${key} is no key`);
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`encoding a sketch: ${given} is no value (key ${key})`);
    if (combine === "maxByKey" && (key >= REGISTERS || value > MAX_RANK)) throw new RangeError(`encoding a sketch: register ${key} cannot have rank ${value}`);
    if (value === 0) continue;
    const before = map.get(key) ?? 0;
    map.set(key, combine === "maxByKey" ? Math.max(before, value) : before + value);
  }
  if (combine === "maxByKey" && map.size > DENSE_ABOVE) {
    ranks.fill(0);
    for (const [key, value] of map) ranks[key] = value;
    return encodeRanks();
  }
  const writer = new SparseWriter(1 + map.size * 4);
  const keys = Float64Array.from(map.keys()).sort();
  for (const key of keys) writer.add(key, map.get(key)!);
  return writer.bytes();
}

/** The canonical bytes of 4,096 ranks (0 to 53) by register, as a fold has them at hand: {@link encodeSketch} without a map. */
export function encodeRegisters(given: Uint8Array): Uint8Array {
  let used = 0;
  for (let register = 0; register < REGISTERS; register++) if (given[register]! > 0) used++;
  if (used > DENSE_ABOVE) {
    ranks.set(given);
    return encodeRanks();
  }
  const writer = new SparseWriter(1 + used * 4);
  for (let register = 0; register < REGISTERS; register++) if (given[register]! > 0) writer.add(register, given[register]!);
  return writer.bytes();
}

/**
 * The entries of a sketch by growing key.
 *
 * @throws {CorruptSketchError} when `bytes` are no sketch, or not in its canonical form.
 */
export function decodeSketch(bytes: Uint8Array): ReadonlyMap<number, number> {
  return new Map(sketchEntries(bytes));
}

/** As {@link decodeSketch}, as a list. */
export function sketchEntries(bytes: Uint8Array): readonly SketchEntry[] {
  const entries: SketchEntry[] = [];
  if (bytes[0] === DENSE) {
    ranks.fill(0);
    readRanks(bytes);
    for (let register = 0; register < REGISTERS; register++) {
      const rank = ranks[register]!;
      if (rank > 0) entries.push([register, rank]);
    }
    return entries;
  }
  const reader = new SparseReader(bytes);
  while (reader.next()) entries.push([reader.key, reader.value]);
  return entries;
}

/** The sketch of both. Neither argument is changed; the result may be one of them. */
export function mergeSketch(combine: SketchCombine, a: Uint8Array, b: Uint8Array): Uint8Array {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  if (a[0] === DENSE || b[0] === DENSE) {
    if (combine === "sumByKey") throw new CorruptSketchError("a dense sketch of ranks cannot be added up");
    ranks.fill(0);
    readRanks(a);
    readRanks(b);
    return encodeRanks();
  }
  const left = new SparseReader(a);
  const right = new SparseReader(b);
  const writer = new SparseWriter(a.length + b.length + 16);
  let count = 0;
  let hasLeft = left.next();
  let hasRight = right.next();
  while (hasLeft || hasRight) {
    count++;
    if (!hasRight || (hasLeft && left.key < right.key)) {
      writer.add(left.key, left.value);
      hasLeft = left.next();
    } else if (!hasLeft || right.key < left.key) {
      writer.add(right.key, right.value);
      hasRight = right.next();
    } else {
      writer.add(left.key, combine === "maxByKey" ? Math.max(left.value, right.value) : left.value + right.value);
      hasLeft = left.next();
      hasRight = right.next();
    }
  }
  const merged = writer.bytes();
  if (combine === "sumByKey" || count <= DENSE_ABOVE) return merged;
  ranks.fill(0);
  readRanks(merged);
  return encodeRanks();
}

function isEmpty(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === SPARSE;
}

/** Ranks by register, of the sketch at work: between calls its content means nothing. */
const ranks = new Uint8Array(REGISTERS);

/** Raises {@link ranks} to those of a sketch. */
function readRanks(bytes: Uint8Array): void {
  if (bytes[0] !== DENSE) {
    const reader = new SparseReader(bytes);
    while (reader.next()) {
      if (reader.key >= REGISTERS || reader.value > MAX_RANK) throw new CorruptSketchError(`register ${reader.key} cannot have rank ${reader.value}`);
      if (reader.value > ranks[reader.key]!) ranks[reader.key] = reader.value;
    }
    return;
  }
  const baseline = bytes[2]!;
  const overflowAt = DENSE_HEADER + DENSE_DELTAS;
  const overflows = bytes.length < overflowAt + 2 ? -1 : bytes[overflowAt]! | (bytes[overflowAt + 1]! << 8);
  if (bytes[1] !== INDEX_BITS || bytes.length !== overflowAt + 2 + overflows * 3) throw new CorruptSketchError("a dense sketch of another length");
  for (let i = 0; i < DENSE_DELTAS; i++) {
    const pair = bytes[DENSE_HEADER + i]!;
    const even = baseline + (pair >>> 4);
    const odd = baseline + (pair & 15);
    if (even > ranks[2 * i]!) ranks[2 * i] = even;
    if (odd > ranks[2 * i + 1]!) ranks[2 * i + 1] = odd;
  }
  for (let i = 0; i < overflows; i++) {
    const at = overflowAt + 2 + 2 * i;
    const register = bytes[at]! | (bytes[at + 1]! << 8);
    const rank = baseline + 15 + bytes[overflowAt + 2 + 2 * overflows + i]!;
    if (register >= REGISTERS || rank > MAX_RANK) throw new CorruptSketchError(`register ${register} cannot have rank ${rank}`);
    if (rank > ranks[register]!) ranks[register] = rank;
  }
}

/** The dense bytes of {@link ranks}. */
function encodeRanks(): Uint8Array {
  let baseline = MAX_RANK;
  for (let i = 0; i < REGISTERS; i++) if (ranks[i]! < baseline) baseline = ranks[i]!;
  let overflows = 0;
  for (let i = 0; i < REGISTERS; i++) if (ranks[i]! - baseline > 15) overflows++;
  const overflowAt = DENSE_HEADER + DENSE_DELTAS;
  const bytes = new Uint8Array(overflowAt + 2 + overflows * 3);
  bytes[0] = DENSE;
  bytes[1] = INDEX_BITS;
  bytes[2] = baseline;
  bytes[overflowAt] = overflows & 255;
  bytes[overflowAt + 1] = overflows >>> 8;
  let overflow = 0;
  for (let i = 0; i < REGISTERS; i++) {
    let delta = ranks[i]! - baseline;
    if (delta > 15) {
      const at = overflowAt + 2 + 2 * overflow;
      bytes[at] = i & 255;
      bytes[at + 1] = i >>> 8;
      bytes[overflowAt + 2 + 2 * overflows + overflow] = delta - 15;
      overflow++;
      delta = 15;
    }
    bytes[DENSE_HEADER + (i >>> 1)]! |= (i & 1) === 0 ? delta << 4 : delta;
  }
  return bytes;
}

class SparseReader {
  key = 0;
  value = 0;
  #at = 1;
  #first = true;

  constructor(private readonly bytes: Uint8Array) {
    if (bytes[0] !== SPARSE) throw new CorruptSketchError(bytes.length === 0 ? "no bytes" : `it starts with byte ${bytes[0]}`);
  }

  next(): boolean {
    if (this.#at === this.bytes.length) return false;
    const step = this.#number();
    this.value = this.#number();
    this.key += step;
    if ((step === 0 && !this.#first) || this.value === 0) throw new CorruptSketchError("keys must grow and values be positive");
    this.#first = false;
    return true;
  }

  #number(): number {
    const one = this.bytes[this.#at];
    if (one !== undefined && one < 128) {
      this.#at++;
      return one;
    }
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new CorruptSketchError("it ends within a number");
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value) || (byte === 0 && scale > 1)) break;
        return value;
      }
    }
    throw new CorruptSketchError("a number that is too large or too long");
  }
}

class SparseWriter {
  #bytes: Uint8Array;
  #length = 1;
  #key = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(Math.max(16, capacity));
    this.#bytes[0] = SPARSE;
  }

  /** Keys must come growing. */
  add(key: number, value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`encoding a sketch: the count of key ${key} is beyond 2^53`);
    // Two numbers of at most eight bytes each.
    if (this.#length + 16 > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#number(key - this.#key);
    this.#number(value);
    this.#key = key;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #number(value: number): void {
    while (value >= 128) {
      this.#bytes[this.#length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.#bytes[this.#length++] = value;
  }
}
