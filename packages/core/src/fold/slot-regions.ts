/** The smallest region has `2^2` places. */
const SMALLEST = 2;

/**
 * Regions of `2^bits` places in one growing arena, a region a slot, given back to be used again. The arena itself belongs
 * to the caller: `grown` tells it the number of places it must have.
 */
export class SlotRegions {
  /** By slot: the region's first place and its size; size 0 is no region. */
  starts = new Int32Array(0);
  bits = new Uint8Array(0);
  /** By slot: places in use. */
  used = new Int32Array(0);
  #length = 0;
  readonly #free: number[][] = [];
  readonly #grown: (places: number) => void;

  constructor(grown: (places: number) => void) {
    this.#grown = grown;
  }

  grow(capacity: number): void {
    const { starts, bits, used } = this;
    this.starts = new Int32Array(capacity);
    this.starts.set(starts);
    this.bits = new Uint8Array(capacity);
    this.bits.set(bits);
    this.used = new Int32Array(capacity);
    this.used.set(used);
  }

  /** A slot's next region, `atLeast` bits large and larger than before. Its places hold what was there; the old region is free. */
  enlarge(slot: number, atLeast = SMALLEST): void {
    const before = this.bits[slot]!;
    const bits = Math.max(before + 1, atLeast);
    let start = this.#free[bits]?.pop();
    if (start === undefined) {
      start = this.#length;
      this.#length += 2 ** bits;
      this.#grown(this.#length);
    }
    if (before > 0) (this.#free[before] ??= []).push(this.starts[slot]!);
    this.starts[slot] = start;
    this.bits[slot] = bits;
  }

  clear(size: number): void {
    this.bits.fill(0, 0, size);
    this.used.fill(0, 0, size);
    this.#free.length = 0;
    this.#length = 0;
  }
}
