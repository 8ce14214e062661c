import { mergeCell, presentValue, zeroOf, type CellValue, type DimensionValue } from "@millrace/core";
import { addsUp } from "../planner/adds-up.js";
import { compareRows, firstCellOf, orderRows, type OrderedRows } from "../planner/order.js";
import type { QueryPlan } from "../planner/query-plan.js";
import { RowLimitError } from "../planner/row-limit-error.js";
import { groupKey } from "./group-key.js";
import { GroupBuilder, type GroupTable } from "./group-table.js";

/** What both layers know of a query's groups, each group once in each. */
export interface Layers {
  readonly plan: QueryPlan;
  /** Shared with other queries: only read. */
  readonly batch: OrderedRows | undefined;
  readonly speed: GroupTable;
  /** Starts of all windows of the range, for `fill`. */
  readonly windows: readonly number[] | undefined;
  /** Rows that are served at most. */
  readonly maxRows: number;
}

/**
 * Merges the accumulators of both layers, presents, orders and limits, in this order. Work: the speed layer's groups plus
 * the rows answered; the batch rows come ordered.
 *
 * @throws {RowLimitError}
 */
export function mergeLayers({ plan, batch, speed, windows, maxRows }: Layers): Record<string, unknown>[] {
  const { view } = plan;
  const merged = new GroupBuilder(plan.by.length, view.cells.length);
  const replaced = new Set<number>();
  /** Of each row of `merged` that the speed layer has, the batch row it was merged with, or -1. */
  const belowOf: number[] = [];
  for (let row = 0; row < speed.length; row++) {
    const dimensions = speed.dimensionsAt(row);
    let cells: readonly CellValue[] = speed.cells.map((column) => column[row]!);
    const below = batch === undefined ? -1 : batch.table.find(speed.windows[row]!, dimensions);
    belowOf.push(below);
    if (below >= 0) {
      replaced.add(below);
      cells = cells.map((cell, c) => mergeCell(view.cells[c]!, batch!.table.cells[c]![below]!, cell));
    }
    merged.push(speed.windows[row]!, dimensions, cells);
  }
  if (windows !== undefined) fillZero(plan, batch, speed, merged, windows, maxRows);
  const kept = (batch?.table.length ?? 0) - replaced.size + merged.length;
  if (plan.limit === undefined && plan.limitPerWindow === undefined && kept > maxRows) throw new RowLimitError(view.name, "rows", maxRows);

  const rows: Record<string, unknown>[] = [];
  const present = presenter(plan);
  const split = plan.split ? splitter(plan, batch, speed, belowOf) : undefined;
  const limit = plan.limit ?? Number.POSITIVE_INFINITY;
  // A limit of each window may leave out any number of rows before the last one answered.
  const most = plan.limitPerWindow === undefined ? plan.limit : undefined;
  let window = Number.NaN;
  let inWindow = 0;
  for (const [from, row] of inOrder(plan, batch, replaced, orderRows(plan, merged.table(), most))) {
    if (plan.limitPerWindow !== undefined) {
      const start = from.table.windows[row]!;
      if (start !== window) [window, inWindow] = [start, 0];
      if (++inWindow > plan.limitPerWindow) continue;
    }
    if (rows.length === limit) break;
    if (rows.length === maxRows) throw new RowLimitError(view.name, "rows", maxRows);
    const answer = present(from.table, row);
    if (split !== undefined) answer["split"] = split(from.table, row);
    rows.push(answer);
  }
  return rows;
}

/** Both ordered lists as one; batch rows that were merged with speed rows are left out. */
function* inOrder(plan: QueryPlan, batch: OrderedRows | undefined, replaced: ReadonlySet<number>, merged: OrderedRows): Iterable<readonly [OrderedRows, number]> {
  let m = 0;
  if (batch !== undefined) {
    for (const row of batch.order) {
      if (replaced.has(row)) continue;
      while (m < merged.order.length && compareRows(plan, merged, merged.order[m]!, batch, row) < 0) yield [merged, merged.order[m++]!];
      yield [batch, row];
    }
  }
  while (m < merged.order.length) yield [merged, merged.order[m++]!];
}

function fillZero(plan: QueryPlan, batch: OrderedRows | undefined, speed: GroupTable, merged: GroupBuilder, windows: readonly number[], maxRows: number): void {
  const keys = new Map<string, readonly DimensionValue[]>();
  const there = new Set<string>();
  for (const table of batch === undefined ? [speed] : [batch.table, speed]) {
    for (let row = 0; row < table.length; row++) {
      const dimensions = table.dimensionsAt(row);
      keys.set(groupKey(0, dimensions), dimensions);
      there.add(groupKey(table.windows[row]!, dimensions));
    }
  }
  if (plan.by.length === 0) keys.set(groupKey(0, []), []);
  if (keys.size * windows.length > maxRows) throw new RowLimitError(plan.view.name, "rows", maxRows);
  const zero = plan.view.cells.map((cell) => zeroOf(cell));
  for (const dimensions of keys.values()) {
    for (const window of windows) if (!there.has(groupKey(window, dimensions))) merged.push(window, dimensions, zero);
  }
}

function presenter({ view, by, granularity }: QueryPlan): (table: GroupTable, row: number) => Record<string, unknown> {
  const measures = view.measures.map((measure, m) => ({ measure, first: firstCellOf(view, m) }));
  return (table, row) => {
    const answer: Record<string, unknown> = {};
    if (granularity !== "all") answer["window"] = new Date(table.windows[row]!);
    by.forEach(({ name, column }, d) => (answer[name] = presentValue(column, table.dimensions[d]![row]!)));
    for (const { measure, first } of measures) answer[measure.name] = measure.present(measure.cells.map((_, i) => table.cells[first + i]![row]!));
    return answer;
  };
}

/** Presents each layer's part of a row of `batch` or of the merged table, whose first rows are those of `speed`. */
function splitter({ view }: QueryPlan, batch: OrderedRows | undefined, speed: GroupTable, belowOf: readonly number[]): (table: GroupTable, row: number) => Record<string, unknown> {
  const parts = view.measures.flatMap((measure, m) => (addsUp(measure) ? [{ measure, cell: firstCellOf(view, m) }] : []));
  return (table, row) => {
    const inBatch = batch !== undefined && table === batch.table ? row : (belowOf[row] ?? -1);
    const inSpeed = batch !== undefined && table === batch.table ? -1 : row < speed.length ? row : -1;
    const split: Record<string, unknown> = {};
    for (const { measure, cell } of parts) {
      split[measure.name] = {
        batch: inBatch < 0 ? null : measure.present([batch!.table.cells[cell]![inBatch]!]),
        speed: inSpeed < 0 ? null : measure.present([speed.cells[cell]![inSpeed]!]),
      };
    }
    return split;
  };
}
