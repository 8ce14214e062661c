import type { CellValue, DimensionValue } from "@millrace/core";
import type { DimensionColumn, PartialColumns } from "./partial-columns.js";

/*
 * A run: rows of one segment as one immutable LMDB value, column by column, little endian.
 *
 *    0  u8   format (1)
 *    1  u8   dimensions
 *    2  u16  cells
 *    4  u32  rows
 *    8  columns: windows, versions, dimensions, cells; each u8 kind, u32 bytes, bytes
 */
const FORMAT = 1;
const HEADER_BYTES = 8;

const enum Kind {
  /** f64 base, then u32[rows] above it. */
  OffsetU32 = 1,
  /** f64[rows]. */
  Float64 = 2,
  /** i32[rows]. */
  Int32 = 3,
  /** u8[rows] marks (0 number, 1 bigint, 2 null), then 8 bytes a row: f64 or i64. */
  Marked = 4,
  /** u32[rows] lengths (2^32 - 1 is null), then the bytes. */
  Bytes = 5,
  /** u32 number of distinct values, u8 width of codes, codes, then the values: see {@link encodeValues}. */
  Dictionary = 6,
}

const NULL_LENGTH = 0xffff_ffff;

/** Encodes rows, which must be distinct in window and dimensions. */
export function encodeRun(columns: PartialColumns): Buffer {
  const { length } = columns;
  const parts: Uint8Array[] = [];
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt8(FORMAT, 0);
  header.writeUInt8(columns.dimensions.length, 1);
  header.writeUInt16LE(columns.cells.length, 2);
  header.writeUInt32LE(length, 4);
  parts.push(header);
  const column = (kind: Kind, ...content: readonly Uint8Array[]): void => {
    let bytes = 0;
    for (const part of content) bytes += part.length;
    const head = Buffer.allocUnsafe(5);
    head.writeUInt8(kind, 0);
    head.writeUInt32LE(bytes, 1);
    parts.push(head, ...content);
  };
  encodeNumbers(columns.windows, length, column);
  encodeNumbers(columns.versions, length, column);
  for (const dimension of columns.dimensions) encodeDictionary(dimension, length, column);
  for (const cell of columns.cells) encodeCells(cell, length, column);
  return Buffer.concat(parts);
}

/** @throws {RangeError} when the run is of a format that this version does not know. */
export function decodeRun(run: Buffer): PartialColumns {
  if (run.readUInt8(0) !== FORMAT) throw new RangeError(`reading a run of format ${run.readUInt8(0)}, known is ${FORMAT}`);
  const rows = run.readUInt32LE(4);
  let at = HEADER_BYTES;
  const next = (): { kind: Kind; content: Buffer } => {
    const bytes = run.readUInt32LE(at + 1);
    const found = { kind: run.readUInt8(at) as Kind, content: run.subarray(at + 5, at + 5 + bytes) };
    at += 5 + bytes;
    return found;
  };
  const windows = decodeNumbers(next(), rows);
  const versions = decodeNumbers(next(), rows);
  const dimensions = Array.from({ length: run.readUInt8(1) }, () => decodeDictionary(next().content, rows));
  const cells = Array.from({ length: run.readUInt16LE(2) }, () => decodeCells(next(), rows));
  return { length: rows, windows, versions, dimensions, cells };
}

type AddColumn = (kind: Kind, ...content: readonly Uint8Array[]) => void;

function encodeNumbers(values: Float64Array, length: number, column: AddColumn): void {
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  // Windows and versions are integers: an interval below 2^32 fits.
  if (length > 0 && most - least < 2 ** 32 && Number.isInteger(least)) {
    const offsets = new Uint32Array(length);
    let exact = true;
    for (let i = 0; i < length; i++) {
      const offset = values[i]! - least;
      offsets[i] = offset;
      if (offsets[i] !== offset) exact = false;
    }
    if (exact) return column(Kind.OffsetU32, bytesOf(Float64Array.of(least)), bytesOf(offsets));
  }
  column(Kind.Float64, bytesOf(values.subarray(0, length)));
}

function decodeNumbers({ kind, content }: { kind: Kind; content: Buffer }, rows: number): Float64Array {
  if (kind === Kind.Float64) return new Float64Array(copyOf(content, 0, 8 * rows));
  const base = content.readDoubleLE(0);
  const offsets = new Uint32Array(copyOf(content, 8, 4 * rows));
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) values[i] = base + offsets[i]!;
  return values;
}

function encodeCells(cells: readonly CellValue[], length: number, column: AddColumn): void {
  let int32 = true;
  let numbers = true;
  let bytes = false;
  for (let i = 0; i < length; i++) {
    const cell = cells[i]!;
    if (typeof cell === "number") {
      // -0 must stay what it is.
      if ((cell | 0) !== cell || (cell === 0 && 1 / cell < 0)) int32 = false;
    } else {
      int32 = false;
      numbers = false;
      if (cell instanceof Uint8Array) {
        bytes = true;
        break;
      }
    }
  }
  if (bytes) return encodeBytes(cells, length, column);
  if (numbers) {
    const values = int32 ? new Int32Array(length) : new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = cells[i] as number;
    return column(int32 ? Kind.Int32 : Kind.Float64, bytesOf(values));
  }
  const marks = new Uint8Array(length);
  const values = Buffer.alloc(8 * length);
  for (let i = 0; i < length; i++) {
    const cell = cells[i]!;
    if (typeof cell === "number") values.writeDoubleLE(cell, 8 * i);
    else if (typeof cell === "bigint") {
      marks[i] = 1;
      values.writeBigInt64LE(cell, 8 * i);
    } else marks[i] = 2;
  }
  column(Kind.Marked, marks, values);
}

function encodeBytes(cells: readonly CellValue[], length: number, column: AddColumn): void {
  const lengths = new Uint32Array(length);
  const parts: Uint8Array[] = [];
  for (let i = 0; i < length; i++) {
    const cell = cells[i]!;
    if (cell instanceof Uint8Array) {
      lengths[i] = cell.length;
      parts.push(cell);
    } else if (cell === null) lengths[i] = NULL_LENGTH;
    else throw new TypeError(`encoding a cell: a column holds bytes and a ${typeof cell}`);
  }
  column(Kind.Bytes, bytesOf(lengths), Buffer.concat(parts));
}

function decodeCells({ kind, content }: { kind: Kind; content: Buffer }, rows: number): CellValue[] {
  switch (kind) {
    case Kind.Int32:
      return plainArray(new Int32Array(copyOf(content, 0, 4 * rows)));
    case Kind.Float64:
      return plainArray(new Float64Array(copyOf(content, 0, 8 * rows)));
    case Kind.Marked:
      return Array.from({ length: rows }, (_, i) => {
        const at = rows + 8 * i;
        return content[i] === 0 ? content.readDoubleLE(at) : content[i] === 1 ? content.readBigInt64LE(at) : null;
      });
    case Kind.Bytes: {
      const lengths = new Uint32Array(copyOf(content, 0, 4 * rows));
      const data = new Uint8Array(copyOf(content, 4 * rows, content.length - 4 * rows));
      let at = 0;
      return Array.from(lengths, (length) => (length === NULL_LENGTH ? null : data.subarray(at, (at += length))));
    }
    case Kind.OffsetU32:
    case Kind.Dictionary:
      throw new RangeError(`reading a run: kind ${kind} is not one of cells`);
  }
}

/** Several times faster than `Array.from`. */
function plainArray(values: Int32Array | Float64Array): number[] {
  const array = new Array<number>(values.length);
  for (let i = 0; i < values.length; i++) array[i] = values[i]!;
  return array;
}

function encodeDictionary({ codes, values }: DimensionColumn, length: number, column: AddColumn): void {
  const head = Buffer.allocUnsafe(5);
  head.writeUInt32LE(values.length, 0);
  const own = codes.subarray(0, length);
  const width = values.length <= 0x100 ? 1 : values.length <= 0x1_0000 ? 2 : 4;
  head.writeUInt8(width, 4);
  column(Kind.Dictionary, head, bytesOf(width === 1 ? Uint8Array.from(own) : width === 2 ? Uint16Array.from(own) : own), ...encodeValues(values));
}

function decodeDictionary(content: Buffer, rows: number): DimensionColumn {
  const width = content.readUInt8(4);
  const copy = copyOf(content, 5, width * rows);
  const codes = width === 4 ? new Uint32Array(copy) : Uint32Array.from(width === 1 ? new Uint8Array(copy) : new Uint16Array(copy));
  return { codes, values: decodeValues(content.subarray(5 + width * rows), content.readUInt32LE(0)) };
}

/**
 * Distinct values: u8 form, u32[values] lengths in UTF-16 units (2^32 - 1 is null), then all texts in one piece. Form 0
 * is UTF-8, 1 is UTF-16 (a text has a lone surrogate, which UTF-8 cannot say). In forms 2 and 3, as 0 and 1, values
 * that are not text are there, and each text starts with a letter that says what it is.
 */
function encodeValues(values: readonly DimensionValue[]): Uint8Array[] {
  const tagged = values.some((value) => value !== null && typeof value !== "string");
  const texts = tagged ? values.map(tag) : (values as readonly (string | null)[]);
  const lengths = new Uint32Array(texts.length);
  for (let i = 0; i < texts.length; i++) lengths[i] = texts[i]?.length ?? NULL_LENGTH;
  const joined = texts.join("");
  const wide = !(joined as string & { isWellFormed(): boolean }).isWellFormed();
  return [Uint8Array.of((wide ? 1 : 0) + (tagged ? 2 : 0)), bytesOf(lengths), Buffer.from(joined, wide ? "utf16le" : "utf8")];
}

function decodeValues(content: Buffer, count: number): DimensionValue[] {
  const form = content.readUInt8(0);
  const lengths = new Uint32Array(copyOf(content, 1, 4 * count));
  const joined = content.toString(form & 1 ? "utf16le" : "utf8", 1 + 4 * count);
  let at = 0;
  const texts = new Array<string | null>(count);
  for (let i = 0; i < count; i++) texts[i] = lengths[i] === NULL_LENGTH ? null : joined.slice(at, (at += lengths[i]!));
  return form & 2 ? texts.map(untag) : texts;
}

function tag(value: DimensionValue): string | null {
  switch (typeof value) {
    case "string":
      return `s${value}`;
    case "number":
      return `n${value}`;
    case "bigint":
      return `i${value}`;
    case "boolean":
      return value ? "t" : "f";
    default:
      return null;
  }
}

function untag(text: string | null): DimensionValue {
  if (text === null) return null;
  switch (text[0]) {
    case "s":
      return text.slice(1);
    case "n":
      return Number(text.slice(1));
    case "i":
      return BigInt(text.slice(1));
    default:
      return text === "t";
  }
}

function bytesOf(values: Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A copy, because typed arrays must start at a multiple of their width. */
function copyOf(content: Buffer, from: number, bytes: number): ArrayBuffer {
  return content.buffer.slice(content.byteOffset + from, content.byteOffset + from + bytes) as ArrayBuffer;
}
