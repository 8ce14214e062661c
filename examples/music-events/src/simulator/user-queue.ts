/**
 * Users ordered by the time of their next event: a binary heap on a typed array. Ties go to the lower user number, so
 * that the order is total and does not depend on how the heap came to be.
 */
export class UserQueue {
  #heap = new Uint32Array(1_024);
  #size = 0;
  readonly #secOf: (user: number) => number;

  /** @param secOf the sort key. Only that of the first user may change, and `moveFirst` must follow. */
  constructor(secOf: (user: number) => number) {
    this.#secOf = secOf;
  }

  /** The user whose turn it is, or undefined when nobody is left. */
  get first(): number | undefined {
    return this.#size === 0 ? undefined : this.#heap[0];
  }

  add(user: number): void {
    if (this.#size === this.#heap.length) {
      const wider = new Uint32Array(2 * this.#size);
      wider.set(this.#heap);
      this.#heap = wider;
    }
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = this.#heap[parent]!;
      if (!this.#isBefore(user, above)) break;
      this.#heap[hole] = above;
      hole = parent;
    }
    this.#heap[hole] = user;
  }

  /** Puts the first user where its new time belongs. */
  moveFirst(): void {
    this.#sink(this.#heap[0]!);
  }

  removeFirst(): void {
    this.#size--;
    if (this.#size > 0) this.#sink(this.#heap[this.#size]!);
  }

  /** Fills the hole at the root: later users sink past it until `user` fits. */
  #sink(user: number): void {
    const heap = this.#heap;
    const size = this.#size;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, user)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = user;
  }

  #isBefore(left: number, right: number): boolean {
    const leftSec = this.#secOf(left);
    const rightSec = this.#secOf(right);
    return leftSec < rightSec || (leftSec === rightSec && left < right);
  }
}
