import { PairTable } from "./pair-table.js";

/** A grid of at most this many places is always allowed; a larger one when so many of them an id are. */
const SMALL_GRID = 1 << 17;
const PLACES_AN_ID = 16;

/**
 * Numbers distinct pairs of codes (from -1) densely from 0, in the order in which they come.
 *
 * Codes are dense themselves, so while pairs are not too rare among all that there could be, a grid with a place for
 * each finds them by one load; frequent values have low codes and lie close together. Pairs that are too rare for that go
 * to a hash table, until cleared. Either way memory is bounded by the number of pairs.
 */
export class CodePairs {
  #size = 0;
  /** First and second of each id by turns. */
  #pairs = new Int32Array(256);
  /** `id + 1` at `(first + 1) * columns + second + 1`; 0 is none. */
  #grid = new Int32Array(0);
  #rows = 0;
  #columns = 0;
  readonly #table = new PairTable();
  #isHashed = false;

  get size(): number {
    return this.#isHashed ? this.#table.size : this.#size;
  }

  first(id: number): number {
    return this.#isHashed ? this.#table.first(id) : this.#pairs[2 * id]!;
  }

  second(id: number): number {
    return this.#isHashed ? this.#table.second(id) : this.#pairs[2 * id + 1]!;
  }

  /** The ids of the first `length` pairs, written to `ids` (which may be one of the others); -1 where `windows` is negative. */
  idsOf(firsts: Int32Array, seconds: Int32Array, length: number, windows: Int32Array, ids: Int32Array): void {
    if (!this.#isHashed) this.#makeRoom(firsts, seconds, length, windows);
    if (this.#isHashed) return this.#table.idsOf(firsts, seconds, length, windows, ids);
    const grid = this.#grid;
    const columns = this.#columns;
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) {
        ids[i] = -1;
        continue;
      }
      const at = (firsts[i]! + 1) * columns + seconds[i]! + 1;
      let id = grid[at]! - 1;
      if (id < 0) {
        id = this.#add(firsts[i]!, seconds[i]!);
        grid[at] = id + 1;
      }
      ids[i] = id;
    }
  }

  clear(): void {
    this.#size = 0;
    if (this.#isHashed) {
      this.#table.clear();
      this.#rows = 0;
      this.#columns = 0;
      this.#isHashed = false;
    } else this.#grid.fill(0);
  }

  #add(first: number, second: number): number {
    const id = this.#size++;
    if (2 * id === this.#pairs.length) {
      const pairs = new Int32Array(this.#pairs.length * 2);
      pairs.set(this.#pairs);
      this.#pairs = pairs;
    }
    this.#pairs[2 * id] = first;
    this.#pairs[2 * id + 1] = second;
    return id;
  }

  /** A grid large enough for these pairs; or none, if it would be too large. */
  #makeRoom(firsts: Int32Array, seconds: Int32Array, length: number, windows: Int32Array): void {
    let first = -1;
    let second = -1;
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) continue;
      if (firsts[i]! > first) first = firsts[i]!;
      if (seconds[i]! > second) second = seconds[i]!;
    }
    if (first + 1 < this.#rows && second + 1 < this.#columns) return;
    const rows = roomFor(first + 2, this.#rows);
    const columns = roomFor(second + 2, this.#columns);
    if (rows * columns > Math.max(SMALL_GRID, this.#size * PLACES_AN_ID)) return this.#hash();
    this.#rows = rows;
    this.#columns = columns;
    this.#grid = new Int32Array(rows * columns);
    for (let id = 0; id < this.#size; id++) this.#grid[(this.#pairs[2 * id]! + 1) * columns + this.#pairs[2 * id + 1]! + 1] = id + 1;
  }

  #hash(): void {
    this.#isHashed = true;
    this.#grid = new Int32Array(0);
    // In the order of their ids, so that they keep them.
    for (let id = 0; id < this.#size; id++) this.#table.id(this.#pairs[2 * id]!, this.#pairs[2 * id + 1]!);
  }
}

/** Half as much again, so that growing is rare and a grid not much larger than needed. */
function roomFor(needed: number, has: number): number {
  return needed <= has ? has : Math.max(16, Math.ceil(needed * 1.5));
}
