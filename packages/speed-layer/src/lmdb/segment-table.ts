import type { CellValue, DimensionValue, SegmentId, SegmentPartials } from "@millrace/core";
import type { PartialColumns } from "./partial-columns.js";
import { hashWindow, mix } from "./row-hash.js";

interface DimensionTable {
  codes: Uint32Array;
  readonly values: DimensionValue[];
  /** Made when a second run comes. */
  codeOf: Map<DimensionValue, number> | undefined;
}

/**
 * The rows of one segment, merged from runs: of each (window, dimensions) the one with the highest version. The first
 * run is taken as it is; an index of rows (open addressing over the codes) is made only when another comes.
 */
export class SegmentTable {
  #length: number;
  #windows: Float64Array;
  #versions: Float64Array;
  readonly #dimensions: DimensionTable[];
  #cells: CellValue[][];
  /** Row + 1 by hash; 0 is free. Undefined until a second run comes. */
  #index: Int32Array | undefined;
  #minWindow = Infinity;
  #maxWindow = -Infinity;
  /** Arrays were given away: they are copied before the next change. */
  #shared = false;

  /** Takes the arrays over; the rows must be distinct. */
  constructor(first: PartialColumns) {
    this.#length = first.length;
    this.#windows = first.windows;
    this.#versions = first.versions;
    this.#dimensions = first.dimensions.map(({ codes, values }) => ({ codes, values: values as DimensionValue[], codeOf: undefined }));
    this.#cells = first.cells as CellValue[][];
    this.#widen(first.windows, first.length);
  }

  get length(): number {
    return this.#length;
  }

  /** An estimate of what it holds in memory. */
  get bytes(): number {
    let bytes = 1_000 + this.#length * (16 + 4 * this.#dimensions.length + 8 * this.#cells.length) + (this.#index?.byteLength ?? 0);
    for (const { values, codeOf } of this.#dimensions) {
      for (const value of values) bytes += typeof value === "string" ? 32 + value.length : 16;
      if (codeOf) bytes += 48 * codeOf.size;
    }
    for (const column of this.#cells) {
      if (column.some((cell) => cell instanceof Uint8Array)) for (const cell of column) bytes += 100 + (cell instanceof Uint8Array ? cell.length : 0);
    }
    return bytes;
  }

  /** Takes the rows of a run that are new or of a higher version. */
  apply(run: PartialColumns): void {
    if (run.length === 0) return;
    this.#own();
    this.#widen(run.windows, run.length);
    const index = this.#indexFor(this.#length + run.length);
    const translations = this.#dimensions.map((dimension, d) => translate(dimension, run.dimensions[d]!.values));
    const dimensions = this.#dimensions;
    const mask = index.length - 1;
    const codes = new Uint32Array(dimensions.length);
    const windows = this.#windows;
    const versions = this.#versions;
    for (let i = 0; i < run.length; i++) {
      const window = run.windows[i]!;
      let hash = hashWindow(window);
      for (let d = 0; d < codes.length; d++) {
        const code = translations[d]![run.dimensions[d]!.codes[i]!]!;
        codes[d] = code;
        hash = mix(hash, code);
      }
      let slot = hash & mask;
      let row: number;
      for (;;) {
        row = index[slot]! - 1;
        if (row < 0) break;
        if (windows[row] === window) {
          let d = 0;
          while (d < codes.length && dimensions[d]!.codes[row] === codes[d]) d++;
          if (d === codes.length) break;
        }
        slot = (slot + 1) & mask;
      }
      if (row < 0) {
        row = this.#length++;
        index[slot] = row + 1;
        windows[row] = window;
        for (let d = 0; d < codes.length; d++) dimensions[d]!.codes[row] = codes[d]!;
      } else if (run.versions[i]! <= versions[row]!) continue;
      versions[row] = run.versions[i]!;
      for (let c = 0; c < this.#cells.length; c++) this.#cells[c]![row] = run.cells[c]![i]!;
    }
  }

  /** Of a table that is not changed any more. */
  columns(): PartialColumns {
    return { length: this.#length, windows: this.#windows, versions: this.#versions, dimensions: this.#dimensions, cells: this.#cells };
  }

  get minWindow(): number {
    return this.#minWindow;
  }

  get maxWindow(): number {
    return this.#maxWindow;
  }

  /** The rows with a window in `[from, until)`, or undefined when there is none. Later changes do not touch what was given. */
  partials(segment: SegmentId, from: number, until: number): SegmentPartials | undefined {
    if (this.#length === 0 || this.#maxWindow < from || this.#minWindow >= until) return undefined;
    if (this.#minWindow >= from && this.#maxWindow < until) {
      this.#shared = true;
      return {
        segment,
        length: this.#length,
        windows: this.#windows.subarray(0, this.#length),
        versions: this.#versions.subarray(0, this.#length),
        dimensions: this.#dimensions.map(({ codes, values }) => {
          const column = new Array<DimensionValue>(this.#length);
          for (let i = 0; i < column.length; i++) column[i] = values[codes[i]!]!;
          return column;
        }),
        cells: this.#cells,
      };
    }
    const rows: number[] = [];
    for (let i = 0; i < this.#length; i++) {
      const window = this.#windows[i]!;
      if (window >= from && window < until) rows.push(i);
    }
    if (rows.length === 0) return undefined;
    return {
      segment,
      length: rows.length,
      windows: Float64Array.from(rows, (row) => this.#windows[row]!),
      versions: Float64Array.from(rows, (row) => this.#versions[row]!),
      dimensions: this.#dimensions.map(({ codes, values }) => rows.map((row) => values[codes[row]!]!)),
      cells: this.#cells.map((column) => rows.map((row) => column[row]!)),
    };
  }

  #widen(windows: Float64Array, length: number): void {
    for (let i = 0; i < length; i++) {
      if (windows[i]! < this.#minWindow) this.#minWindow = windows[i]!;
      if (windows[i]! > this.#maxWindow) this.#maxWindow = windows[i]!;
    }
  }

  #own(): void {
    if (!this.#shared) return;
    this.#windows = this.#windows.slice();
    this.#versions = this.#versions.slice();
    this.#cells = this.#cells.map((column) => column.slice());
    this.#shared = false;
  }

  /** Makes room for `rows` rows, and an index at most half full. */
  #indexFor(rows: number): Int32Array {
    if (this.#windows.length < rows) {
      const capacity = Math.ceil(rows * 1.5);
      this.#windows = grown(this.#windows, capacity, Float64Array);
      this.#versions = grown(this.#versions, capacity, Float64Array);
      for (const dimension of this.#dimensions) dimension.codes = grown(dimension.codes, capacity, Uint32Array);
    }
    if (this.#index && this.#index.length >= 2 * rows) return this.#index;
    let slots = 16;
    while (slots < 3 * rows) slots *= 2;
    const index = new Int32Array(slots);
    for (let row = 0; row < this.#length; row++) {
      let hash = hashWindow(this.#windows[row]!);
      for (const { codes } of this.#dimensions) hash = mix(hash, codes[row]!);
      let slot = hash & (slots - 1);
      while (index[slot] !== 0) slot = (slot + 1) & (slots - 1);
      index[slot] = row + 1;
    }
    return (this.#index = index);
  }
}

/**
 * Columns with each (window, dimensions) once, that of the highest version: these, unless a row is there twice. Runs
 * hold distinct rows, so that a reader may take one as it is.
 */
export function distinctRows(columns: PartialColumns): PartialColumns {
  const { length, windows, dimensions } = columns;
  let slots = 16;
  while (slots < 2 * length) slots *= 2;
  const index = new Int32Array(slots);
  for (let i = 0; i < length; i++) {
    const window = windows[i]!;
    let hash = hashWindow(window);
    for (let d = 0; d < dimensions.length; d++) hash = mix(hash, dimensions[d]!.codes[i]!);
    let slot = hash & (slots - 1);
    for (let row = index[slot]! - 1; row >= 0; row = index[slot]! - 1) {
      if (windows[row] === window && dimensions.every(({ codes }) => codes[row] === codes[i])) {
        const table = new SegmentTable({ length: 0, windows: new Float64Array(), versions: new Float64Array(), dimensions: dimensions.map(() => ({ codes: new Uint32Array(), values: [] })), cells: columns.cells.map(() => []) });
        table.apply(columns);
        return table.columns();
      }
      slot = (slot + 1) & (slots - 1);
    }
    index[slot] = i + 1;
  }
  return columns;
}

/** From codes of a run to codes of the table, which learns what it did not know. */
function translate(dimension: DimensionTable, values: readonly DimensionValue[]): Uint32Array {
  dimension.codeOf ??= new Map(dimension.values.map((value, code) => [value, code]));
  const codes = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let code = dimension.codeOf.get(value);
    if (code === undefined) {
      code = dimension.values.length;
      dimension.codeOf.set(value, code);
      dimension.values.push(value);
    }
    codes[i] = code;
  }
  return codes;
}

function grown<A extends Float64Array | Uint32Array>(array: A, length: number, make: new (length: number) => A): A {
  const larger = new make(length);
  larger.set(array);
  return larger;
}
