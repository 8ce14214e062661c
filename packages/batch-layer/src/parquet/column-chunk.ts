import type { ColumnBatch, ColumnVector, TextDictionary } from "@millrace/core";
import { makeData, makeVector, Utf8, type Data, type DataType } from "apache-arrow";
import { GrowingBytes } from "./growing-bytes.js";
import type { MasterColumn } from "./master-columns.js";

/** Rows of one column on their way into a record batch. Its buffers are used again after `take`. */
export interface ColumnChunk {
  /** Adds rows `rows[from .. until)` of the batch as rows `at ..` of the chunk. */
  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void;
  /** The first `length` rows; valid until the next `append`. */
  take(length: number): Data;
}

/** Makes the chunk of a master column. A chunk never holds more than `capacity` rows. */
export function columnChunk({ name, source, field }: MasterColumn, capacity: number): ColumnChunk {
  const type = field.type as DataType;
  switch (source.of) {
    case "column":
      switch (source.column.kind) {
        case "text":
          return new TextChunk(type, name, capacity);
        case "boolean":
          return new BooleanChunk(type, name, capacity);
        case "float64":
          return new Float64Chunk(type, name, capacity);
        case "int64":
        case "timestamp":
          return new Int64Chunk(type, (batch) => numbersOf(batch, name), capacity);
        case "decimal":
          return new DecimalChunk(type, (batch) => numbersOf(batch, name), capacity);
      }
    case "coordinate":
      return new Int32Chunk(type, (batch) => batch.coordinates[name], capacity);
    case "logVersion":
      return new ConstantChunk(type, (batch) => batch.logVersion, capacity);
    case "partition":
      return new ConstantChunk(type, (batch) => batch.partition, capacity);
    case "offset":
      return new Int64Chunk(type, (batch) => ({ values: batch.offsets }), capacity);
    case "appendedAt":
      return new Int64Chunk(type, (batch) => ({ values: batch.appendedAt }), capacity);
    case "raw":
      return new RawChunk(type, capacity);
  }
}

interface Numbers {
  readonly values: Float64Array | BigInt64Array;
  readonly nulls?: Uint8Array;
}

function vectorOf(batch: ColumnBatch, name: string): ColumnVector {
  const vector = batch.columns[name];
  if (vector === undefined) throw new TypeError(`writing column "${name}": the batch does not hold it`);
  return vector;
}

function numbersOf(batch: ColumnBatch, name: string): Numbers {
  const vector = vectorOf(batch, name);
  if (vector.kind === "text" || vector.kind === "boolean") throw new TypeError(`writing column "${name}": the batch holds it as ${vector.kind}`);
  return vector;
}

/** Arrow's validity bitmap: bit `i` set where row `i` has a value. Kept only while some row has none. */
class Validity {
  readonly #bits: Uint8Array;
  nulls = 0;

  constructor(capacity: number) {
    this.#bits = new Uint8Array(Math.ceil(capacity / 8)).fill(255);
  }

  setNull(row: number): void {
    this.#bits[row >> 3]! &= ~(1 << (row & 7));
    this.nulls++;
  }

  /** The bitmap for `makeData`, and a fresh state. */
  take(length: number): { nullCount: number; nullBitmap?: Uint8Array } {
    const nullCount = this.nulls;
    if (nullCount === 0) return { nullCount };
    const nullBitmap = this.#bits.slice(0, Math.ceil(length / 8));
    this.#bits.fill(255);
    this.nulls = 0;
    return { nullCount, nullBitmap };
  }
}

class Int64Chunk implements ColumnChunk {
  readonly #values: BigInt64Array;
  readonly #words: Int32Array;
  readonly #validity: Validity;

  constructor(
    readonly type: DataType,
    readonly numbers: (batch: ColumnBatch) => Numbers,
    capacity: number,
  ) {
    this.#values = new BigInt64Array(capacity);
    this.#words = new Int32Array(this.#values.buffer);
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const { values, nulls } = this.numbers(batch);
    if (values instanceof BigInt64Array) {
      for (let i = from; i < until; i++, at++) {
        const row = rows[i]!;
        if (nulls !== undefined && nulls[row] === 1) this.#null(at);
        else this.#values[at] = values[row]!;
      }
      return;
    }
    // Two halves of a safe integer, little endian: no BigInt a value.
    const words = this.#words;
    for (let i = from; i < until; i++, at++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) {
        this.#null(at);
        continue;
      }
      const value = values[row]!;
      const high = Math.floor(value / 4_294_967_296);
      words[2 * at] = value - high * 4_294_967_296;
      words[2 * at + 1] = high;
    }
  }

  #null(at: number): void {
    this.#values[at] = 0n;
    this.#validity.setNull(at);
  }

  take(length: number): Data {
    return makeData({ type: this.type as never, length, data: this.#values.subarray(0, length), ...this.#validity.take(length) } as never);
  }
}

/** Scaled integers of 64 bits, sign-extended to the 128 of Arrow's decimal. */
class DecimalChunk implements ColumnChunk {
  readonly #values: BigInt64Array;
  readonly #words: Int32Array;
  readonly #validity: Validity;

  constructor(
    readonly type: DataType,
    readonly numbers: (batch: ColumnBatch) => Numbers,
    capacity: number,
  ) {
    this.#values = new BigInt64Array(2 * capacity);
    this.#words = new Int32Array(this.#values.buffer);
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const { values, nulls } = this.numbers(batch);
    const words = this.#words;
    for (let i = from; i < until; i++, at++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) {
        this.#values[2 * at] = 0n;
        this.#values[2 * at + 1] = 0n;
        this.#validity.setNull(at);
      } else if (values instanceof BigInt64Array) {
        const value = values[row]!;
        this.#values[2 * at] = value;
        this.#values[2 * at + 1] = value < 0n ? -1n : 0n;
      } else {
        const value = values[row]!;
        const high = Math.floor(value / 4_294_967_296);
        words[4 * at] = value - high * 4_294_967_296;
        words[4 * at + 1] = high;
        words[4 * at + 2] = words[4 * at + 3] = value < 0 ? -1 : 0;
      }
    }
  }

  take(length: number): Data {
    const data = new Uint32Array(this.#values.buffer, 0, 4 * length);
    return makeData({ type: this.type as never, length, data, ...this.#validity.take(length) } as never);
  }
}

class Float64Chunk implements ColumnChunk {
  readonly #values: Float64Array;
  readonly #validity: Validity;

  constructor(
    readonly type: DataType,
    readonly name: string,
    capacity: number,
  ) {
    this.#values = new Float64Array(capacity);
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const { values, nulls } = numbersOf(batch, this.name);
    for (let i = from; i < until; i++, at++) {
      const row = rows[i]!;
      if (nulls !== undefined && nulls[row] === 1) {
        this.#values[at] = 0;
        this.#validity.setNull(at);
      } else {
        this.#values[at] = values[row] as number;
      }
    }
  }

  take(length: number): Data {
    return makeData({ type: this.type as never, length, data: this.#values.subarray(0, length), ...this.#validity.take(length) } as never);
  }
}

/** Sketch coordinates: -1 is null. */
class Int32Chunk implements ColumnChunk {
  readonly #values: Int32Array;
  readonly #validity: Validity;

  constructor(
    readonly type: DataType,
    readonly values: (batch: ColumnBatch) => Int32Array | undefined,
    capacity: number,
  ) {
    this.#values = new Int32Array(capacity);
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const values = this.values(batch);
    if (values === undefined) throw new TypeError("writing a sketch coordinate: the batch does not hold it");
    for (let i = from; i < until; i++, at++) {
      const value = values[rows[i]!]!;
      this.#values[at] = value < 0 ? 0 : value;
      if (value < 0) this.#validity.setNull(at);
    }
  }

  take(length: number): Data {
    return makeData({ type: this.type as never, length, data: this.#values.subarray(0, length), ...this.#validity.take(length) } as never);
  }
}

class ConstantChunk implements ColumnChunk {
  readonly #values: Int32Array;

  constructor(
    readonly type: DataType,
    readonly value: (batch: ColumnBatch) => number,
    capacity: number,
  ) {
    this.#values = new Int32Array(capacity);
  }

  append(batch: ColumnBatch, _rows: Int32Array, from: number, until: number, at: number): void {
    this.#values.fill(this.value(batch), at, at + until - from);
  }

  take(length: number): Data {
    return makeData({ type: this.type as never, length, nullCount: 0, data: this.#values.subarray(0, length) } as never);
  }
}

class BooleanChunk implements ColumnChunk {
  readonly #bits: Uint8Array;
  readonly #validity: Validity;

  constructor(
    readonly type: DataType,
    readonly name: string,
    capacity: number,
  ) {
    this.#bits = new Uint8Array(Math.ceil(capacity / 8));
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const vector = vectorOf(batch, this.name);
    if (vector.kind !== "boolean") throw new TypeError(`writing column "${this.name}": the batch holds it as ${vector.kind}`);
    for (let i = from; i < until; i++, at++) {
      const row = rows[i]!;
      if (vector.nulls !== undefined && vector.nulls[row] === 1) this.#validity.setNull(at);
      else if (vector.values[row] === 1) this.#bits[at >> 3]! |= 1 << (at & 7);
    }
  }

  take(length: number): Data {
    const data = this.#bits.slice(0, Math.ceil(length / 8));
    this.#bits.fill(0);
    return makeData({ type: this.type as never, length, data, ...this.#validity.take(length) } as never);
  }
}

/**
 * Texts, as codes into a dictionary of the chunk's own in the order of first use: so the file is a function of its rows
 * and not of what the decoder interned before.
 */
class TextChunk implements ColumnChunk {
  readonly #codes: Int32Array;
  readonly #validity: Validity;
  readonly #bytes = new GrowingBytes();
  #ends: number[] = [];
  #dictionary: TextDictionary | undefined;
  /** Code of the batch's dictionary -> code of the chunk's + 1; 0 where it has none yet. */
  #local = new Int32Array(64);
  #used: number[] = [];

  constructor(
    readonly type: DataType,
    readonly name: string,
    capacity: number,
  ) {
    this.#codes = new Int32Array(capacity);
    this.#validity = new Validity(capacity);
  }

  append(batch: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    const vector = vectorOf(batch, this.name);
    if (vector.kind !== "text") throw new TypeError(`writing column "${this.name}": the batch holds it as ${vector.kind}`);
    const { codes, dictionary } = vector;
    if (dictionary !== this.#dictionary) {
      this.#forget();
      this.#dictionary = dictionary;
    }
    if (this.#local.length < dictionary.size) {
      const local = new Int32Array(Math.max(dictionary.size, 2 * this.#local.length));
      local.set(this.#local);
      this.#local = local;
    }
    const local = this.#local;
    for (let i = from; i < until; i++, at++) {
      const code = codes[rows[i]!]!;
      if (code < 0) {
        this.#codes[at] = 0;
        this.#validity.setNull(at);
        continue;
      }
      let mine = local[code]!;
      if (mine === 0) {
        this.#bytes.append(dictionary.bytes(code));
        this.#ends.push(this.#bytes.length);
        this.#used.push(code);
        mine = local[code] = this.#ends.length;
      }
      this.#codes[at] = mine - 1;
    }
  }

  #forget(): void {
    for (const code of this.#used) this.#local[code] = 0;
    this.#used = [];
  }

  take(length: number): Data {
    // A dictionary without entries is refused by readers of Arrow; an all-null chunk gets one that no row uses.
    if (this.#ends.length === 0) this.#ends.push(0);
    const valueOffsets = new Int32Array(this.#ends.length + 1);
    valueOffsets.set(this.#ends, 1);
    const texts = makeData({ type: new Utf8(), length: this.#ends.length, nullCount: 0, valueOffsets, data: this.#bytes.view().slice() });
    const data = makeData({
      type: this.type as never,
      length,
      data: this.#codes.subarray(0, length),
      dictionary: makeVector(texts),
      ...this.#validity.take(length),
    } as never);
    this.#forget();
    this.#ends = [];
    this.#bytes.clear();
    return data;
  }
}

/** The records' original bytes. */
class RawChunk implements ColumnChunk {
  readonly #ends: Int32Array;
  readonly #bytes = new GrowingBytes(1 << 16);

  constructor(
    readonly type: DataType,
    capacity: number,
  ) {
    this.#ends = new Int32Array(capacity + 1);
  }

  append({ raw, rawIndex }: ColumnBatch, rows: Int32Array, from: number, until: number, at: number): void {
    for (let i = from; i < until; i++, at++) {
      const record = rawIndex[rows[i]!]!;
      const start = raw.valueStart[record]!;
      if (start >= 0) this.#bytes.append(raw.data, start, raw.valueEnd[record]!);
      this.#ends[at + 1] = this.#bytes.length;
    }
  }

  take(length: number): Data {
    const data = this.#bytes.view();
    this.#bytes.clear();
    return makeData({ type: this.type as never, length, nullCount: 0, valueOffsets: this.#ends.subarray(0, length + 1), data } as never);
  }
}
