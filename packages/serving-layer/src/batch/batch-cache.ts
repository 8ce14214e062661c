import type { OrderedRows } from "../planner/order.js";
import type { QueryPlan } from "../planner/query-plan.js";
import { BoundedCache } from "../sharing/bounded-cache.js";

/** A statement's groups, or that there were more of them than it was asked for. */
type Part = OrderedRows | "more";

/**
 * Batch parts by what made them. A statement names immutable files, so what it gave once it gives always; all together
 * hold at most `maxValues` values (of some 10 to 100 bytes each).
 */
export class BatchCache extends BoundedCache<Part> {
  readonly #maxValues: number;

  constructor(maxValues: number) {
    super(maxValues, sizeOf);
    this.#maxValues = maxValues;
  }

  /** Groups of a plan that fit in, at most. */
  maxGroups(plan: QueryPlan): number {
    return Math.max(0, Math.floor((this.#maxValues / 2 - 100) / (1 + plan.by.length + plan.view.cells.length)));
  }
}

/** An entry has a cost of its own: its statement, which names files. */
const sizeOf = (part: Part) => 100 + (part === "more" ? 0 : part.table.size);
