import type { OrderedRows } from "../planner/order.js";
import type { QueryPlan } from "../planner/query-plan.js";

/** A statement's groups, or that there were more of them than it was asked for. */
type Part = OrderedRows | "more";

/**
 * Batch parts by what made them. A statement names immutable files, so what it gave once it gives always; the least
 * recently used go when all together hold more than `maxValues` values (of some 10 to 100 bytes each).
 */
export class BatchCache {
  readonly #maxValues: number;
  /** In order of use, the oldest first. */
  readonly #parts = new Map<string, Part>();
  #values = 0;

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** Groups of a plan that fit in, at most. */
  maxGroups(plan: QueryPlan): number {
    return Math.max(0, Math.floor((this.#maxValues / 2 - 100) / (1 + plan.by.length + plan.view.cells.length)));
  }

  get(key: string): Part | undefined {
    const part = this.#parts.get(key);
    if (part !== undefined) {
      this.#parts.delete(key);
      this.#parts.set(key, part);
    }
    return part;
  }

  set(key: string, part: Part): void {
    this.#delete(key);
    // One answer that fills the cache would only push out all others.
    if (sizeOf(part) > this.#maxValues / 2) return;
    this.#parts.set(key, part);
    this.#values += sizeOf(part);
    for (const oldest of this.#parts.keys()) {
      if (this.#values <= this.#maxValues) break;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const part = this.#parts.get(key);
    if (part === undefined) return;
    this.#parts.delete(key);
    this.#values -= sizeOf(part);
  }
}

/** An entry has a cost of its own: its statement, which names files. */
const sizeOf = (part: Part) => 100 + (part === "more" ? 0 : part.table.size);
