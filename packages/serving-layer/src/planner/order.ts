import type { ViewDefinition } from "@millrace/core";
import type { GroupTable } from "../merge/group-table.js";
import { compareText } from "./compare-text.js";
import type { QueryPlan } from "./query-plan.js";

/** Place of a measure's first cell in the view's `cells`. */
export function firstCellOf(view: ViewDefinition, measure: number): number {
  let first = 0;
  for (let m = 0; m < measure; m++) first += view.measures[m]!.cells.length;
  return first;
}

/**
 * The cell whose order is the measure's, where there is one: a count, sum, min or max has one number that presents in
 * its own order. Ordering by it is exact where the presented number is rounded, and SQL can do it.
 */
export function orderingCell(view: ViewDefinition, measure: number): number | undefined {
  const { cells } = view.measures[measure]!;
  const cell = cells.length === 1 ? cells[0]! : undefined;
  return cell?.type === "int64" || cell?.type === "float64" ? firstCellOf(view, measure) : undefined;
}

/** What each row of a table orders by, before ties; undefined when ties decide. */
export function orderKeys(plan: QueryPlan, table: GroupTable): ArrayLike<unknown> | undefined {
  const { by } = plan.order;
  if (by === undefined) return undefined;
  if (by.of === "window") return table.windows;
  if (by.of === "dimension") return table.dimensions[by.index]!;
  const cell = orderingCell(plan.view, by.index);
  if (cell !== undefined) return table.cells[cell]!;
  const measure = plan.view.measures[by.index]!;
  const first = firstCellOf(plan.view, by.index);
  return Array.from(table.windows, (_, row) => measure.present(measure.cells.map((_cell, i) => table.cells[first + i]![row]!)));
}

/** Rows of a table, and the order in which the plan answers them. */
export interface OrderedRows {
  readonly table: GroupTable;
  readonly keys: ArrayLike<unknown> | undefined;
  readonly order: Uint32Array;
}

/** In the order of the answer: all rows, or the first `most` alone. */
export function orderRows(plan: QueryPlan, table: GroupTable, most = table.length): OrderedRows {
  const keys = orderKeys(plan, table);
  const rows = { table, keys, order: new Uint32Array(0) };
  const compare = (a: number, b: number) => compareRows(plan, rows, a, rows, b);
  const order = most < table.length / 4 ? firstRows(table.length, most, compare) : Uint32Array.from(table.windows, (_, row) => row).sort(compare);
  return { table, keys, order };
}

/** The first `most` of so many rows in their order. Most rows cost one comparison, with the last of the first so far. */
function firstRows(length: number, most: number, compare: (a: number, b: number) => number): Uint32Array {
  const first: number[] = [];
  for (let row = 0; row < length; row++) {
    if (first.length === most) {
      if (compare(row, first[most - 1]!) >= 0) continue;
      first.pop();
    }
    let low = 0;
    let high = first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(first[middle]!, row) <= 0) low = middle + 1;
      else high = middle;
    }
    first.splice(low, 0, row);
  }
  return Uint32Array.from(first);
}

/**
 * The order of an answer: what the query names, nulls last; ties by the dimensions ascending, then by window. Without
 * `orderBy`: by window, then dimensions. With `limitPerWindow`, window by window.
 */
export function compareRows(plan: QueryPlan, a: OrderedRows, i: number, b: OrderedRows, j: number): number {
  const windows = a.table.windows[i]! - b.table.windows[j]!;
  const windowFirst = plan.order.by === undefined || plan.limitPerWindow !== undefined;
  if (windowFirst && windows !== 0) {
    return plan.order.by?.of === "window" && plan.order.descending ? -windows : windows;
  }
  if (a.keys !== undefined && b.keys !== undefined) {
    const compared = compareNullsLast(a.keys[i], b.keys[j], plan.order.descending);
    if (compared !== 0) return compared;
  }
  for (let d = 0; d < plan.by.length; d++) {
    const compared = compareNullsLast(a.table.dimensions[d]![i], b.table.dimensions[d]![j], false);
    if (compared !== 0) return compared;
  }
  return windows;
}

function compareNullsLast(a: unknown, b: unknown, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const compared = compareValues(a, b);
  return descending ? -compared : compared;
}

/** Values of one type: numbers and bigints mix. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  const x = a as number;
  const y = b as number;
  return x < y ? -1 : x > y ? 1 : 0;
}
