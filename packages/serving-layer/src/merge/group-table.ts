import type { CellValue, DimensionValue, PartialBatch } from "@millrace/core";
import { GroupIndex } from "./group-index.js";

/**
 * Accumulators by (window, dimensions), each group once, column by column. Memory: its arrays, and a hash of the keys
 * once one is looked for.
 */
export class GroupTable implements PartialBatch {
  readonly windows: Float64Array<ArrayBufferLike>;
  readonly dimensions: DimensionValue[][];
  readonly cells: CellValue[][];
  readonly length: number;
  #index: GroupIndex | undefined;

  constructor(groups: PartialBatch) {
    this.length = groups.length;
    this.windows = groups.windows;
    this.dimensions = groups.dimensions as DimensionValue[][];
    this.cells = groups.cells as CellValue[][];
  }

  /** Values held: what a cache counts. */
  get size(): number {
    return this.length * (1 + this.dimensions.length + this.cells.length);
  }

  /** The row of a group, or -1. */
  find(window: number, dimensions: readonly DimensionValue[]): number {
    this.#index ??= new GroupIndex(this);
    return this.#index.find(window, dimensions);
  }

  dimensionsAt(row: number): DimensionValue[] {
    return this.dimensions.map((column) => column[row]!);
  }
}

/** Groups that are collected one by one, each once. */
export class GroupBuilder {
  readonly #windows: number[] = [];
  readonly #dimensions: DimensionValue[][];
  readonly #cells: CellValue[][];

  constructor(dimensions: number, cells: number) {
    this.#dimensions = Array.from({ length: dimensions }, () => []);
    this.#cells = Array.from({ length: cells }, () => []);
  }

  get length(): number {
    return this.#windows.length;
  }

  push(window: number, dimensions: readonly DimensionValue[], cells: readonly CellValue[]): void {
    this.#windows.push(window);
    for (let d = 0; d < this.#dimensions.length; d++) this.#dimensions[d]!.push(dimensions[d]!);
    for (let c = 0; c < this.#cells.length; c++) this.#cells[c]!.push(cells[c]!);
  }

  table(): GroupTable {
    return new GroupTable({ length: this.length, windows: Float64Array.from(this.#windows), dimensions: this.#dimensions, cells: this.#cells });
  }
}
