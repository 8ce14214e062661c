import { PartialMerger, type CellValue, type DimensionValue, type FileSystem, type Generation, type PartialBatch, type SqlEngine, type TableGeneration, type ViewDefinition } from "@millrace/core";
import { GroupTable } from "../merge/group-table.js";
import { orderRows, type OrderedRows } from "../planner/order.js";
import { planWindows } from "../planner/plan-windows.js";
import type { QueryPlan } from "../planner/query-plan.js";
import { RowLimitError } from "../planner/row-limit-error.js";
import type { BatchCache } from "./batch-cache.js";
import { partialsOf } from "./batch-rows.js";
import { batchSql, canOrder, datesOf, startOf, type BatchSql, type Top } from "./batch-sql.js";

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

/** Groups of the speed layer that a statement names, at most: beyond it takes longer to read than what it spares. */
const MAX_NAMED_GROUPS = 5_000;

/**
 * The batch layer's groups of a query, in the order of the answer; undefined when no date of the table touches the
 * range, and then nothing is asked of the engine.
 *
 * Where the query has a limit and SQL knows its order, not all groups are needed: without groups of the speed layer SQL
 * limits; with some, all groups are read once and kept while they are few, else SQL gives the first ones and those that
 * the speed layer has too.
 *
 * @throws {RowLimitError} when there are more groups than memory is meant for.
 */
export async function readBatch(
  source: BatchSource,
  plan: QueryPlan,
  table: TableGeneration | undefined,
  speed: GroupTable,
  maxRows: number,
  signal: AbortSignal,
): Promise<OrderedRows | undefined> {
  if (table === undefined) return undefined;
  const dates = datesOf(plan, table);
  // An empty list of values lets no row pass.
  if (dates.length === 0 || plan.filters.some(({ values, orNull }) => values.length === 0 && !orNull)) return undefined;
  const { dialect } = source.engine;
  const uris = dates.flatMap((date) => table.versions[date]!.files.map((path) => source.files.uri(path)));
  const windows = planWindows(plan, Math.max(plan.from, startOf(dates[0]!)), Math.min(plan.until, startOf(dates.at(-1)!) + DAY_MS));
  const limited = plan.limit !== undefined || plan.limitPerWindow !== undefined;
  const sql = (top: Top | undefined) => batchSql(plan, uris, windows, dialect, top);
  const view = plan.view.name;

  if (!limited || plan.fill || !canOrder(plan, dialect)) {
    // An answer without a limit is refused above `maxRows`; no more need to be looked at to know.
    const most = limited ? source.maxGroups : maxRows;
    const rows = await readAll(source, plan, sql(undefined), most, signal);
    if (rows === "more") throw new RowLimitError(view, limited ? "groups" : "rows", most);
    return rows;
  }
  const top = { limit: plan.limit, limitPerWindow: plan.limitPerWindow };
  if (speed.length === 0) return readAll(source, plan, sql({ ...top, besides: undefined }), Number.POSITIVE_INFINITY, signal) as Promise<OrderedRows>;
  const named = speed.length <= MAX_NAMED_GROUPS;
  const all = await readAll(source, plan, sql(undefined), named ? source.cache.maxGroups(plan) : source.maxGroups, signal);
  if (all !== "more") return all;
  if (!named) throw new RowLimitError(view, "groups", source.maxGroups);
  const { blocks } = await source.engine.query(sql({ ...top, besides: speed }).text, signal);
  return orderRows(plan, new GroupTable(await collect(plan, blocks, signal)));
}

/** All groups of a statement, from the cache where they are there; "more" when there are more than `most`. */
async function readAll(source: BatchSource, plan: QueryPlan, { text, grouped }: BatchSql, most: number, signal: AbortSignal): Promise<OrderedRows | "more"> {
  const sql = grouped && Number.isFinite(most) ? `SELECT * FROM (${text}) AS a LIMIT ${most + 1}` : text;
  const key = `${JSON.stringify([plan.order, plan.limitPerWindow !== undefined, most])} ${sql}`;
  const kept = source.cache.get(key);
  if (kept !== undefined) return kept;
  const { blocks } = await source.engine.query(sql, signal);
  const groups = grouped ? await collect(plan, blocks, signal) : await merge(plan, blocks, source.maxGroups, signal);
  const rows = groups.length > most ? "more" : orderRows(plan, new GroupTable(groups));
  source.cache.set(key, rows);
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
