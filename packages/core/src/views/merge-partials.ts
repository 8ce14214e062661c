import type { CellValue } from "../measures/cell.js";
import type { MeasureCell } from "../measures/measure-definition.js";
import { addInt64, mergeCell } from "../measures/merge-cells.js";
import type { DimensionValue, PartialBatch } from "./partial-batch.js";

/** How {@link PartialMerger} groups. */
export interface MergeOptions {
  /** Positions in the batches' dimensions to group by, in the order wanted. Default: all. */
  readonly dimensions?: readonly number[];
  /** The window that a batch's window belongs to: a longer one, or one for all. Default: its own. */
  readonly window?: (start: number) => number;
}

/**
 * Merges partials, of any number of segments and of the batch layer, by window and dimensions, cell by cell. Values of
 * different types are different (`1` is not `"1"`); integers are the same as number and as bigint; null is a value.
 *
 * Memory: one entry a group of the result, and one a distinct window and dimension value.
 */
export class PartialMerger {
  readonly #cells: readonly MeasureCell[];
  readonly #dimensions: readonly number[] | undefined;
  readonly #window: (start: number) => number;
  /** Code of the group's window, by the start of the batch's window. */
  readonly #windowCodes = new Map<number, number>();
  readonly #windows = new Dictionary<number>();
  #values: readonly Dictionary<DimensionValue>[] | undefined;
  /** Codes of group `g`: window and dimensions, from `g * width` on. */
  #codes = new Int32Array(256);
  #width = 1;
  #groups = 0;
  /** Open addressing: group + 1 at its hash, 0 is free. Its length is a power of two, at least twice the groups. */
  #table = new Int32Array(1_024);
  readonly #merged: CellValue[][];

  constructor(cells: readonly MeasureCell[], { dimensions, window = (start) => start }: MergeOptions = {}) {
    this.#cells = cells;
    this.#dimensions = dimensions;
    this.#window = window;
    this.#merged = cells.map(() => []);
  }

  /** Groups so far. */
  get size(): number {
    return this.#groups;
  }

  /**
   * Merges the rows of a batch for which `accept` is true; of all without it. Byte values are kept as they are: do not
   * change them afterwards.
   *
   * @throws {OverflowError} when an int64 sum leaves int64. The merger is then of no more use.
   */
  add(batch: PartialBatch, accept?: (row: number) => boolean): void {
    const rows = acceptedRows(batch.length, accept);
    if (rows.length === 0) return;
    const groups = this.#groupsOf(batch, rows);
    // Groups are numbered as they come, so the first row of a new one finds exactly its place at the end.
    for (let c = 0; c < this.#cells.length; c++) mergeColumn(this.#cells[c]!, this.#merged[c]!, groups, batch.cells[c]!, rows);
  }

  /** The merged rows, in the order in which their groups were first seen. */
  result(): PartialBatch {
    const length = this.#groups;
    const windows = new Float64Array(length);
    const dimensions = (this.#values ?? (this.#dimensions ?? []).map(() => new Dictionary<DimensionValue>())).map(() => new Array<DimensionValue>(length));
    for (let group = 0, at = 0; group < length; group++) {
      windows[group] = this.#windows.values[this.#codes[at++]!]!;
      for (let d = 0; d < dimensions.length; d++) dimensions[d]![group] = this.#values![d]!.values[this.#codes[at++]!] as DimensionValue;
    }
    return { length, windows, dimensions, cells: this.#merged };
  }

  /** The group of each row. */
  #groupsOf(batch: PartialBatch, rows: Int32Array): Int32Array {
    const positions = this.#dimensions ?? batch.dimensions.map((_, i) => i);
    if (this.#values === undefined) {
      this.#values = positions.map(() => new Dictionary<DimensionValue>());
      this.#width = 1 + positions.length;
    }
    const width = this.#width;
    const codes = new Int32Array(rows.length * width);
    let last = Number.NaN;
    let lastCode = 0;
    for (let i = 0, at = 0; i < rows.length; i++, at += width) {
      const start = batch.windows[rows[i]!]!;
      if (start !== last) [last, lastCode] = [start, this.#windowCode(start)];
      codes[at] = lastCode;
    }
    for (let d = 0; d < width - 1; d++) this.#values[d]!.encode(batch.dimensions[positions[d]!]!, rows, codes, d + 1, width);
    const groups = new Int32Array(rows.length);
    for (let i = 0, at = 0; i < rows.length; i++, at += width) groups[i] = this.#group(codes, at);
    return groups;
  }

  #windowCode(start: number): number {
    let code = this.#windowCodes.get(start);
    if (code === undefined) this.#windowCodes.set(start, (code = this.#windows.code(this.#window(start))));
    return code;
  }

  #group(codes: Int32Array, at: number): number {
    const width = this.#width;
    let hash = 0;
    for (let i = 0; i < width; i++) hash = Math.imul(hash ^ codes[at + i]!, 0x9e3779b1) ^ (hash >>> 15);
    const mask = this.#table.length - 1;
    let slot = (hash ^ (hash >>> 16)) & mask;
    search: for (; ; slot = (slot + 1) & mask) {
      const group = this.#table[slot]! - 1;
      if (group === -1) break;
      const own = group * width;
      for (let i = 0; i < width; i++) if (this.#codes[own + i] !== codes[at + i]) continue search;
      return group;
    }
    const group = this.#groups++;
    if ((group + 1) * width > this.#codes.length) {
      const grown = new Int32Array(this.#codes.length * 2 + width);
      grown.set(this.#codes);
      this.#codes = grown;
    }
    for (let i = 0; i < width; i++) this.#codes[group * width + i] = codes[at + i]!;
    this.#table[slot] = group + 1;
    if (this.#groups * 2 > this.#table.length) this.#grow();
    return group;
  }

  #grow(): void {
    const width = this.#width;
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let group = 0, at = 0; group < this.#groups; group++, at += width) {
      let hash = 0;
      for (let i = 0; i < width; i++) hash = Math.imul(hash ^ this.#codes[at + i]!, 0x9e3779b1) ^ (hash >>> 15);
      let slot = (hash ^ (hash >>> 16)) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = group + 1;
    }
    this.#table = table;
  }
}

/** Values and their codes, dense from 0. */
class Dictionary<T extends DimensionValue> {
  readonly values: T[] = [];
  readonly #codes = new Map<T, number>();

  code(value: T): number {
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.#codes.set(value, code);
      this.values.push(value);
    }
    return code;
  }

  /** Codes of `values[rows[i]]` into `codes[i * width + offset]`. */
  encode(values: readonly T[], rows: Int32Array, codes: Int32Array, offset: number, width: number): void {
    let last: T | undefined;
    let lastCode = 0;
    for (let i = 0, at = offset; i < rows.length; i++, at += width) {
      let value = values[rows[i]!] as T;
      if (value !== last) {
        last = value;
        // An engine may give a small integer as bigint: it is the same value.
        if (typeof value === "bigint" && value >= -9007199254740991n && value <= 9007199254740991n) value = Number(value) as T;
        lastCode = this.code(value);
      }
      codes[at] = lastCode;
    }
  }
}

function acceptedRows(length: number, accept: ((row: number) => boolean) | undefined): Int32Array {
  const rows = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (accept === undefined || accept(row)) rows[count++] = row;
  return rows.subarray(0, count);
}

function mergeColumn(cell: MeasureCell, merged: CellValue[], groups: Int32Array, values: readonly CellValue[], rows: Int32Array): void {
  const exactSum = cell.combine === "sum" && cell.type === "int64";
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    const value = values[rows[i]!] as CellValue;
    if (group === merged.length) {
      merged.push(value);
      continue;
    }
    const before = merged[group] as CellValue;
    merged[group] = exactSum ? addInt64(cell.name, before as number | bigint, value as number | bigint) : mergeCell(cell, before, value);
  }
}
