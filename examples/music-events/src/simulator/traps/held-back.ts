import type { SimulatedEvent } from "../simulated-event.js";

interface Entry {
  readonly event: SimulatedEvent;
  readonly order: number;
}

/** Events that wait to be sent, in the order of `sentMs` and, of one time, of their coming: a binary heap. */
export class HeldBack {
  readonly #heap: Entry[] = [];
  #added = 0;

  /** When the next one is due, epoch ms; Infinity when none waits. */
  get dueMs(): number {
    return this.#heap[0]?.event.sentMs ?? Infinity;
  }

  add(event: SimulatedEvent): void {
    const heap = this.#heap;
    const entry = { event, order: this.#added++ };
    let hole = heap.length;
    heap.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(entry, heap[parent]!)) break;
      heap[hole] = heap[parent]!;
      hole = parent;
    }
    heap[hole] = entry;
  }

  /** Takes out the next one; there must be one. */
  take(): SimulatedEvent {
    const heap = this.#heap;
    const first = heap[0]!;
    const entry = heap.pop()!;
    if (heap.length === 0) return first.event;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, entry)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = entry;
    return first.event;
  }

  #isBefore(left: Entry, right: Entry): boolean {
    return left.event.sentMs < right.event.sentMs || (left.event.sentMs === right.event.sentMs && left.order < right.order);
  }
}
