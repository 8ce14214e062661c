const GOLDEN = 0x9e3779b1 | 0;
const OTHER = 0x85ebca6b | 0;

/**
 * Numbers distinct pairs of int32 densely from 0, in the order in which they come. Open addressing, at most half full.
 *
 * What costs here is the lines of the processor's cache that a lookup touches, so an entry has four bytes, and sixteen
 * neighbours in `second` share a line: codes are given as values come, so frequent values have low codes, and are close
 * together.
 */
export class PairTable {
  #size = 0;
  /** 0 is free. An entry is `id + 1` in the bits that index the table, and the hash in the others. */
  #table = new Int32Array(1_024);
  /** First and second of each id by turns. */
  #pairs = new Int32Array(1_024);

  get size(): number {
    return this.#size;
  }

  first(id: number): number {
    return this.#pairs[2 * id]!;
  }

  second(id: number): number {
    return this.#pairs[2 * id + 1]!;
  }

  id(first: number, second: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    const hash = hashOf(first, second);
    for (let probe = placeOf(hash, second) & mask; ; probe = (probe + 1) & mask) {
      const entry = table[probe]!;
      if (entry === 0) return this.#add(first, second, hash, probe);
      if (((entry ^ hash) & ~mask) !== 0) continue;
      const id = (entry & mask) - 1;
      if (this.#pairs[2 * id] === first && this.#pairs[2 * id + 1] === second) return id;
    }
  }

  /** The ids of the first `length` pairs, written to `ids` (which may be one of the others); -1 where `windows` is negative. */
  idsOf(firsts: Int32Array, seconds: Int32Array, length: number, windows: Int32Array, ids: Int32Array): void {
    // The same as `id`, with everything at hand that only a new pair changes.
    let table = this.#table;
    let mask = table.length - 1;
    let pairs = this.#pairs;
    for (let i = 0; i < length; i++) {
      if (windows[i]! < 0) {
        ids[i] = -1;
        continue;
      }
      const first = firsts[i]!;
      const second = seconds[i]!;
      const hash = hashOf(first, second);
      let probe = placeOf(hash, second) & mask;
      let id: number;
      for (;;) {
        const entry = table[probe]!;
        if (entry === 0) {
          id = this.#add(first, second, hash, probe);
          table = this.#table;
          mask = table.length - 1;
          pairs = this.#pairs;
          break;
        }
        id = (entry & mask) - 1;
        if (((entry ^ hash) & ~mask) === 0 && pairs[2 * id] === first && pairs[2 * id + 1] === second) break;
        probe = (probe + 1) & mask;
      }
      ids[i] = id;
    }
  }

  clear(): void {
    if (this.#size === 0) return;
    this.#table.fill(0);
    this.#size = 0;
  }

  #add(first: number, second: number, hash: number, probe: number): number {
    const id = this.#size++;
    if (2 * id === this.#pairs.length) {
      const pairs = new Int32Array(this.#pairs.length * 2);
      pairs.set(this.#pairs);
      this.#pairs = pairs;
    }
    this.#pairs[2 * id] = first;
    this.#pairs[2 * id + 1] = second;
    this.#table[probe] = (hash & -this.#table.length) | (id + 1);
    if (this.#size * 2 > this.#table.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let id = 0; id < this.#size; id++) {
      const second = this.second(id);
      const hash = hashOf(this.first(id), second);
      let probe = placeOf(hash, second) & mask;
      while (table[probe] !== 0) probe = (probe + 1) & mask;
      table[probe] = (hash & ~mask) | (id + 1);
    }
    this.#table = table;
  }
}

/** Of `second` only from its fifth bit on. */
function hashOf(first: number, second: number): number {
  const mixed = Math.imul(Math.imul(first, OTHER) ^ (second >> 4), GOLDEN);
  return Math.imul(mixed ^ (mixed >>> 15), OTHER);
}

/** Sixteen neighbours lie side by side. */
function placeOf(hash: number, second: number): number {
  return ((hash >>> 11) << 4) | (second & 15);
}
