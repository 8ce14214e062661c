import {
  PartialMerger,
  type CellValue,
  type Clock,
  type Cut,
  type DimensionValue,
  type DriftRow,
  type FileSystem,
  type MeasureCell,
  type PartialBatch,
  type SqlEngine,
  type TableGeneration,
  type ViewDefinition,
  type ViewDrift,
  type ViewStore,
} from "@millrace/core";
import { utcDate, utcDay } from "../master-dataset/utc-date.js";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";
import { intervalOf } from "../run/run-plan.js";
import { segmentsBetween, segmentsOf } from "./partials-between.js";
import { tablePartials } from "./table-partials.js";

/** Rows of a drift list that are kept; `total` counts all. */
const LISTED = 20;
/** Two float64 sums of the same values in another order differ by less than this part of the larger. */
const FLOAT_TOLERANCE = 1e-9;

export interface ReconcileView {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly view: ViewDefinition;
  readonly dataset: TopicDataset;
  readonly before: { readonly table: TableGeneration; readonly cut: Cut };
  readonly after: { readonly table: TableGeneration; readonly cut: Cut };
}

/**
 * batch(after) minus (batch(before) merged with the partials between the two cuts), date by date. Memory: the partials
 * between the cuts, and one date of the view.
 */
export async function reconcileView(task: ReconcileView, signal: AbortSignal): Promise<ViewDrift> {
  const { files, engine, store, clock, view, dataset, before, after } = task;
  const notComparable = (reason: string): ViewDrift => ({ view: view.name, status: "not-comparable", reason });
  const between = await segmentsBetween(store, view, dataset, before.cut, after.cut, clock.now(), signal);
  if (!between.comparable) return notComparable(between.reason);

  const partials: PartialBatch[] = [];
  if (between.rows.length > 0) {
    const windows = between.rows.filter(({ minWindow }) => minWindow !== null);
    if (windows.length > 0) {
      const from = Math.min(...windows.map(({ minWindow }) => minWindow!));
      const until = Math.max(...windows.map(({ maxWindow }) => maxWindow!)) + 1;
      for await (const batch of store.read({ view, segments: segmentsOf(between.rows), from, until }, signal)) partials.push(batch);
    }
  }
  // Rows that expired while they were read may be missing among them.
  const now = clock.now();
  const expired = between.rows.find(({ coveredUntil }) => coveredUntil <= now);
  if (expired !== undefined) return notComparable(`rows of segment ${expired.segment.first} expired while they were read`);

  const dates = new Set<string>();
  for (const { windows } of partials) for (const window of windows) dates.add(utcDate(utcDay(window)));
  for (const date of new Set([...Object.keys(before.table.versions), ...Object.keys(after.table.versions)])) {
    if (before.table.versions[date]?.version !== after.table.versions[date]?.version) dates.add(date);
  }
  const drift: DriftRow[] = [];
  let total = 0;
  let rowsCompared = 0;
  for (const date of [...dates].sort()) {
    const { from, until } = intervalOf(date);
    const expected = new PartialMerger(view.cells);
    const actual = new PartialMerger(view.cells);
    const old = before.table.versions[date];
    if (old !== undefined) for await (const batch of tablePartials(files, engine, view, old, signal)) expected.add(batch);
    for (const batch of partials) expected.add(batch, (row) => batch.windows[row]! >= from && batch.windows[row]! < until);
    const made = after.table.versions[date];
    if (made !== undefined) for await (const batch of tablePartials(files, engine, view, made, signal)) actual.add(batch);
    const found = compare(view.cells, expected.result(), actual.result());
    rowsCompared += found.compared;
    total += found.rows.length;
    drift.push(...found.rows.slice(0, LISTED - drift.length));
  }
  return total === 0 ? { view: view.name, status: "none", rowsCompared } : { view: view.name, status: "list", rows: drift, total };
}

function compare(cells: readonly MeasureCell[], expected: PartialBatch, actual: PartialBatch): { readonly compared: number; readonly rows: readonly DriftRow[] } {
  const keyOf = ({ windows, dimensions }: PartialBatch, row: number) =>
    JSON.stringify([windows[row], ...dimensions.map((values) => (typeof values[row] === "bigint" ? { bigint: values[row].toString() } : values[row]))]);
  const places = new Map<string, number>();
  for (let row = 0; row < actual.length; row++) places.set(keyOf(actual, row), row);
  const rows: DriftRow[] = [];
  const drift = (batch: PartialBatch, row: number, cell: string, is: string, was: string) =>
    rows.push({ window: batch.windows[row]!, dimensions: batch.dimensions.map((values) => shownDimension(values[row]!)), cell, expected: is, actual: was });
  for (let row = 0; row < expected.length; row++) {
    const key = keyOf(expected, row);
    const there = places.get(key);
    places.delete(key);
    cells.forEach((cell, c) => {
      const wanted = expected.cells[c]![row] as CellValue;
      if (there === undefined) drift(expected, row, cell.name, shown(wanted), "no row");
      else if (!equal(cell, wanted, actual.cells[c]![there] as CellValue)) drift(expected, row, cell.name, shown(wanted), shown(actual.cells[c]![there] as CellValue));
    });
  }
  for (const row of places.values()) cells.forEach((cell, c) => drift(actual, row, cell.name, "no row", shown(actual.cells[c]![row] as CellValue)));
  return { compared: expected.length + places.size, rows };
}

function equal(cell: MeasureCell, a: CellValue, b: CellValue): boolean {
  if (a === null || b === null) return a === b;
  if (a instanceof Uint8Array || b instanceof Uint8Array) return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.from(a).equals(b);
  if (cell.type === "float64") return Math.abs(Number(a) - Number(b)) <= FLOAT_TOLERANCE * Math.max(Math.abs(Number(a)), Math.abs(Number(b)), 1);
  return BigInt(a) === BigInt(b);
}

const shown = (value: CellValue): string => (value instanceof Uint8Array ? Buffer.from(value).toString("hex").slice(0, 64) : String(value));

/** Generations are JSON, which has no bigint. */
const shownDimension = (value: DimensionValue): unknown => (typeof value === "bigint" ? value.toString() : value);
