import { PartialMerger, type CellValue, type DimensionValue, type FileSystem, type Generation, type PartialBatch, type SqlEngine, type TableGeneration, type ViewDefinition } from "@millrace/core";
import { GroupTable } from "../merge/group-table.js";
import { orderRows, type OrderedRows } from "../planner/order.js";
import { planWindows } from "../planner/plan-windows.js";
import type { QueryPlan } from "../planner/query-plan.js";
import { RowLimitError } from "../planner/row-limit-error.js";
import type { BatchCache } from "./batch-cache.js";
import { partialsOf } from "./batch-rows.js";
import { batchSql, canOrder, datesOf } from "./batch-sql.js";

export interface BatchSource {
  readonly engine: SqlEngine;
  readonly files: FileSystem;
  readonly cache: BatchCache;
  /** Groups that one query may bring into memory. */
  readonly maxGroups: number;
}

const DAY_MS = 86_400_000;

/** The table of a view in a generation, when it was built from this definition. */
export function tableOf(view: ViewDefinition, generation: Generation | null): TableGeneration | undefined {
  return generation?.tables.find(({ kind, name, fingerprint }) => kind === "view" && name === view.name && fingerprint === view.fingerprint);
}

/**
 * The batch layer's groups of a query, in the order of the answer; undefined when no date of the table touches the
 * range, and then nothing is asked of the engine. `speedGroups`: how many groups the speed layer has: with none, SQL
 * orders and limits, so that only the answer's rows are read.
 *
 * @throws {RowLimitError} when there are more groups than memory is meant for.
 */
export async function readBatch(
  source: BatchSource,
  plan: QueryPlan,
  table: TableGeneration | undefined,
  speedGroups: number,
  maxRows: number,
  signal: AbortSignal,
): Promise<OrderedRows | undefined> {
  if (table === undefined) return undefined;
  const dates = datesOf(plan, table);
  // An empty list of values lets no row pass.
  if (dates.length === 0 || plan.filters.some(({ values, orNull }) => values.length === 0 && !orNull)) return undefined;
  const { dialect } = source.engine;
  const uris = dates.flatMap((date) => table.versions[date]!.files.map((path) => source.files.uri(path)));
  const start = (date: string) => Date.parse(`${date}T00:00:00Z`);
  const windows = planWindows(plan, Math.max(plan.from, start(dates[0]!)), Math.min(plan.until, start(dates.at(-1)!) + DAY_MS));
  const limited = plan.limit !== undefined || plan.limitPerWindow !== undefined;
  const top = limited && !plan.fill && speedGroups === 0 && canOrder(plan, dialect) ? { limit: plan.limit, limitPerWindow: plan.limitPerWindow } : undefined;
  const { text, grouped } = batchSql(plan, uris, windows, dialect, top);
  // An answer without a limit is refused above `maxRows`; no more need to be looked at to know.
  const most = limited ? source.maxGroups : Math.min(maxRows, source.maxGroups);
  const sql = grouped && top === undefined ? `SELECT * FROM (${text}) AS a LIMIT ${most + 1}` : text;
  const key = `${JSON.stringify([plan.order, plan.limitPerWindow !== undefined])} ${sql}`;
  let rows = source.cache.get(key);
  if (rows === undefined) {
    const { blocks } = await source.engine.query(sql, signal);
    const groups = grouped ? await collect(plan, blocks, signal) : await merge(plan, blocks, source.maxGroups, signal);
    if (groups.length > most) throw new RowLimitError(plan.view.name, most < source.maxGroups ? "rows" : "groups", most);
    rows = orderRows(plan, new GroupTable(groups));
    source.cache.set(key, rows);
  }
  return rows;
}

type Blocks = Awaited<ReturnType<SqlEngine["query"]>>["blocks"];

async function collect(plan: QueryPlan, blocks: Blocks, signal: AbortSignal): Promise<PartialBatch> {
  const windows: number[] = [];
  const dimensions: DimensionValue[][] = plan.by.map(() => []);
  const cells: CellValue[][] = plan.view.cells.map(() => []);
  for await (const block of blocks) {
    signal.throwIfAborted();
    const partials = partialsOf(plan, block);
    for (let i = 0; i < partials.length; i++) {
      windows.push(partials.windows[i]!);
      for (let d = 0; d < dimensions.length; d++) dimensions[d]!.push(partials.dimensions[d]![i]!);
      for (let c = 0; c < cells.length; c++) cells[c]!.push(partials.cells[c]![i]!);
    }
  }
  return { length: windows.length, windows: Float64Array.from(windows), dimensions, cells };
}

async function merge(plan: QueryPlan, blocks: Blocks, maxGroups: number, signal: AbortSignal): Promise<PartialBatch> {
  const merger = new PartialMerger(plan.view.cells);
  for await (const block of blocks) {
    signal.throwIfAborted();
    merger.add(partialsOf(plan, block));
    if (merger.size > maxGroups) throw new RowLimitError(plan.view.name, "groups", maxGroups);
  }
  return merger.result();
}
