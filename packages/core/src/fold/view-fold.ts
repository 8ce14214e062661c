import type { ColumnBatch } from "../events/event-batch.js";
import { compilePredicate, type BatchPredicate } from "../expressions/compile-predicate.js";
import type { PredicateNode } from "../expressions/predicate-node.js";
import type { DimensionValue, PartialBatch } from "../views/partial-batch.js";
import { EVERY_MS, type ViewDefinition } from "../views/view-definition.js";
import { cellAccumulator, type CellAccumulator } from "./cell-accumulator.js";
import { CodePairs } from "./code-pairs.js";
import { dimensionCodes, type DimensionCodes } from "./dimension-codes.js";

/** A power of two. */
const RECENT_WINDOWS = 64;

/** Partials with the version of each: offset of the last event in the row + 1. */
export interface VersionedPartials extends PartialBatch {
  readonly versions: Float64Array;
}

/** Some rows of a batch: `row` is among them where `marks[row] === mark`. */
export interface MarkedRows {
  readonly marks: Int32Array;
  readonly mark: number;
}

/** Cells with the same condition, and room for the slots of the rows that meet it. */
interface CellGroup {
  readonly where: BatchPredicate | undefined;
  readonly cells: readonly CellAccumulator[];
}

/**
 * The partials of one view over a run of one partition's events: what the speed layer keeps of the open segment, and
 * what the batch layer folds measures with that have no SQL.
 *
 * Works column by column: one pass finds the slot of every event (its window and dimensions, by codes), then every cell
 * is a loop of its own over typed arrays. Values, versions and the set of changed rows belong together at any moment
 * between two calls. Memory is bounded by the number of rows; `clear` keeps the buffers.
 */
export class ViewFold {
  readonly view: ViewDefinition;
  /** Events added that passed the view's `where`; those that did not; of the first, the late ones. */
  events = 0;
  filtered = 0;
  late = 0;

  readonly #where: BatchPredicate | undefined;
  readonly #everyMs: number;
  readonly #dimensions: readonly DimensionCodes[];
  /** `#keys[d]` numbers pairs of what stands for dimensions 0 to d, and the code of dimension d + 1. */
  readonly #keys: readonly CodePairs[];
  /** Pairs of window code and key; unused without dimensions, where a window's code is its slot. */
  readonly #slots = new CodePairs();
  readonly #groups: readonly CellGroup[];
  /** In the order of the view's cells. */
  readonly #cells: readonly CellAccumulator[];
  readonly #windows = new Map<number, number>();
  readonly #windowStarts: number[] = [];
  /** Codes of recent windows: late events go back and forth between a few. */
  readonly #recentStarts = new Float64Array(RECENT_WINDOWS).fill(NaN);
  readonly #recentCodes = new Int32Array(RECENT_WINDOWS);
  #minWindow: number | null = null;
  #maxWindow: number | null = null;
  /** By slot. */
  #versions = new Float64Array(0);
  #isChanged = new Uint8Array(0);
  #changed = new Int32Array(0);
  #changedSize = 0;
  // By row of the batch at work.
  #windowCodes = new Int32Array(0);
  #rowSlots = new Int32Array(0);
  #scratch = new Int32Array(0);

  /** `everyMs` is the length of its windows. */
  constructor(view: ViewDefinition, everyMs = EVERY_MS[view.every]) {
    this.view = view;
    this.#where = view.where === undefined ? undefined : compilePredicate(view.where);
    this.#everyMs = everyMs;
    this.#dimensions = view.by.map((column) => {
      const definition = view.from.columns[column];
      if (definition === undefined) throw new TypeError(`folding view "${view.name}": its stream has no column "${column}"`);
      return dimensionCodes(definition);
    });
    this.#keys = this.#dimensions.slice(1).map(() => new CodePairs());
    this.#cells = view.cells.map(cellAccumulator);
    const groups = new Map<PredicateNode | undefined, CellAccumulator[]>();
    view.cells.forEach(({ where }, i) => groups.set(where, [...(groups.get(where) ?? []), this.#cells[i]!]));
    this.#groups = [...groups].map(([where, cells]) => ({ where: where && compilePredicate(where), cells }));
  }

  /** Rows: distinct pairs of window and dimensions. */
  get size(): number {
    return this.#dimensions.length === 0 ? this.#windowStarts.length : this.#slots.size;
  }

  /** Start of the first window with an event, epoch ms; null without events. */
  get minWindow(): number | null {
    return this.#minWindow;
  }

  get maxWindow(): number | null {
    return this.#maxWindow;
  }

  /**
   * Adds rows `[from, until)` of a batch, later ones than all before; of these only the marked ones, if `only` is given.
   * The others then count nowhere.
   *
   * @throws {OverflowError} when an exact sum leaves int64, and whatever a custom measure throws; the fold is then of no
   * more use until it is cleared.
   */
  add(batch: ColumnBatch, from = 0, until = batch.length, only?: MarkedRows): void {
    const length = until - from;
    if (length <= 0) return;
    if (this.#rowSlots.length < length) {
      this.#windowCodes = new Int32Array(length);
      this.#rowSlots = new Int32Array(length);
      this.#scratch = new Int32Array(length);
    }
    const before = this.events;
    this.#findWindows(batch, from, length, only);
    if (this.events === before) return;
    const slots = this.#findSlots(batch, from, length);
    this.#grow();
    this.#markChanged(batch, from, length, slots);
    for (const { where, cells } of this.#groups) {
      let theirs = slots;
      if (where !== undefined) {
        const mask = where(batch);
        theirs = this.#scratch;
        for (let i = 0; i < length; i++) theirs[i] = mask[from + i] === 1 ? slots[i]! : -1;
      }
      for (const cell of cells) cell.add(batch, from, length, theirs);
    }
  }

  /** The rows changed since the last call, with their values of now. */
  changed(): VersionedPartials {
    const slots = this.#changed.slice(0, this.#changedSize);
    for (const slot of slots) this.#isChanged[slot] = 0;
    this.#changedSize = 0;
    return this.#partials(slots);
  }

  /** All rows. */
  all(): VersionedPartials {
    return this.#partials(Int32Array.from({ length: this.size }, (_, slot) => slot));
  }

  /** Starts anew. */
  clear(): void {
    const { size } = this;
    for (const cell of this.#cells) cell.clear(size);
    for (const dimension of this.#dimensions) dimension.clear();
    for (const keys of this.#keys) keys.clear();
    this.#slots.clear();
    this.#windows.clear();
    this.#windowStarts.length = 0;
    this.#recentStarts.fill(NaN);
    this.#minWindow = null;
    this.#maxWindow = null;
    this.#isChanged.fill(0, 0, size);
    this.#changedSize = 0;
    this.events = 0;
    this.filtered = 0;
    this.late = 0;
  }

  /** The window code of every row, -1 where it is filtered or not asked for; and counts them. */
  #findWindows(batch: ColumnBatch, from: number, length: number, only: MarkedRows | undefined): void {
    const codes = this.#windowCodes;
    const { eventTime, late } = batch;
    const mask = this.#where?.(batch);
    const everyMs = this.#everyMs;
    const marks = only?.marks;
    const mark = only?.mark;
    let passed = 0;
    let left = 0;
    let lateOnes = 0;
    // The window that is at hand: most events share theirs with the one before.
    let start = NaN;
    let end = NaN;
    let code = 0;
    for (let i = 0; i < length; i++) {
      if (marks !== undefined && marks[from + i] !== mark) {
        codes[i] = -1;
        left++;
        continue;
      }
      if (mask !== undefined && mask[from + i] === 0) {
        codes[i] = -1;
        continue;
      }
      const time = eventTime[from + i]!;
      if (!(time >= start && time < end)) {
        start = Math.floor(time / everyMs) * everyMs;
        end = start + everyMs;
        code = this.#windowCode(start);
      }
      codes[i] = code;
      passed++;
      lateOnes += late[from + i]!;
    }
    this.late += lateOnes;
    this.events += passed;
    this.filtered += length - passed - left;
  }

  #windowCode(start: number): number {
    const place = (start / this.#everyMs) & (RECENT_WINDOWS - 1);
    if (this.#recentStarts[place] !== start) {
      this.#recentStarts[place] = start;
      this.#recentCodes[place] = this.#findWindow(start);
    }
    return this.#recentCodes[place]!;
  }

  #findWindow(start: number): number {
    let code = this.#windows.get(start);
    if (code === undefined) {
      code = this.#windowStarts.push(start) - 1;
      this.#windows.set(start, code);
      if (this.#minWindow === null || start < this.#minWindow) this.#minWindow = start;
      if (this.#maxWindow === null || start > this.#maxWindow) this.#maxWindow = start;
    }
    return code;
  }

  #findSlots(batch: ColumnBatch, from: number, length: number): Int32Array {
    const windows = this.#windowCodes;
    if (this.#dimensions.length === 0) return windows;
    const slots = this.#rowSlots;
    const { by } = this.view;
    this.#dimensions[0]!.encode(batch.columns[by[0]!]!, from, length, windows, slots);
    for (let d = 1; d < this.#dimensions.length; d++) {
      this.#dimensions[d]!.encode(batch.columns[by[d]!]!, from, length, windows, this.#scratch);
      this.#keys[d - 1]!.idsOf(slots, this.#scratch, length, windows, slots);
    }
    this.#slots.idsOf(windows, slots, length, windows, slots);
    return slots;
  }

  #grow(): void {
    const { size } = this;
    const before = this.#versions.length;
    if (size <= before) return;
    const capacity = Math.max(size, before * 2, 64);
    const versions = new Float64Array(capacity);
    versions.set(this.#versions);
    this.#versions = versions;
    const isChanged = new Uint8Array(capacity);
    isChanged.set(this.#isChanged);
    this.#isChanged = isChanged;
    const changed = new Int32Array(capacity);
    changed.set(this.#changed.subarray(0, this.#changedSize));
    this.#changed = changed;
    for (const cell of this.#cells) cell.grow(capacity);
  }

  #markChanged({ offsets }: ColumnBatch, from: number, length: number, slots: Int32Array): void {
    const versions = this.#versions;
    const isChanged = this.#isChanged;
    const changed = this.#changed;
    let size = this.#changedSize;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      versions[slot] = offsets[from + i]! + 1;
      if (isChanged[slot] === 0) {
        isChanged[slot] = 1;
        changed[size++] = slot;
      }
    }
    this.#changedSize = size;
  }

  #partials(slots: Int32Array): VersionedPartials {
    const { length } = slots;
    const windows = new Float64Array(length);
    const versions = new Float64Array(length);
    const dimensions = this.#dimensions.map(() => new Array<DimensionValue>(length));
    const last = dimensions.length - 1;
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      versions[i] = this.#versions[slot]!;
      if (last < 0) {
        windows[i] = this.#windowStarts[slot]!;
        continue;
      }
      windows[i] = this.#windowStarts[this.#slots.first(slot)]!;
      let key = this.#slots.second(slot);
      for (let d = last; d > 0; d--) {
        const keys = this.#keys[d - 1]!;
        dimensions[d]![i] = this.#dimensions[d]!.value(keys.second(key));
        key = keys.first(key);
      }
      dimensions[0]![i] = this.#dimensions[0]!.value(key);
    }
    const cells = this.#cells.map((cell) => Array.from(slots, (slot) => cell.value(slot)));
    return { length, windows, dimensions, cells, versions };
  }
}
