import { textFromScaled, type ColumnDefinition, type DimensionValue, type MeasureCell, type PredicateNode, type SqlDialect, type TableGeneration } from "@millrace/core";
import type { GroupTable } from "../merge/group-table.js";
import { orderingCell } from "../planner/order.js";
import type { DimensionFilter, QueryPlan } from "../planner/query-plan.js";
import type { Windows } from "../planner/windows.js";

/** The one statement that reads a query's batch part. */
export interface BatchSql {
  readonly text: string;
  /** Whether each group comes once. Otherwise TypeScript merges what comes. */
  readonly grouped: boolean;
}

/** Which rows SQL needs to give, where it orders and limits as the answer will. */
export interface Top {
  readonly limit: number | undefined;
  readonly limitPerWindow: number | undefined;
  /** Groups that the speed layer has too: given whatever their rank, and not ranked among the others. */
  readonly besides: GroupTable | undefined;
}

const WINDOW = "_window";

const DAY_MS = 86_400_000;

/** Start of a date (`YYYY-MM-DD`, UTC), epoch ms. */
export const startOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** The dates (UTC) of a table that have rows for the plan's range, in order. Compared as numbers: a range's year may have more than four digits. */
export function datesOf(plan: QueryPlan, table: TableGeneration): readonly string[] {
  return Object.keys(table.versions)
    .filter((date) => startOf(date) < plan.until && startOf(date) + DAY_MS > plan.from && table.versions[date]!.rows > 0)
    .sort();
}

/** Whether the view's rows are the answer's: nothing to merge. */
export function isPlain(plan: QueryPlan): boolean {
  return plan.granularity === plan.view.every && plan.by.length === plan.view.by.length;
}

/** Whether SQL can order and limit as the answer will be. */
export function canOrder(plan: QueryPlan, dialect: SqlDialect): boolean {
  if (!isPlain(plan) && plan.view.cells.some((cell) => !mergesInSql(cell, dialect))) return false;
  return plan.order.by?.of !== "measure" || orderingCell(plan.view, plan.order.by.index) !== undefined;
}

/**
 * Filters, groups and merges in SQL, and orders and limits there when `top` is given. All values are literals of the
 * dialect; names are those of the view's definition, never the query's.
 */
export function batchSql(plan: QueryPlan, uris: readonly string[], windows: Windows | undefined, dialect: SqlDialect, top: Top | undefined): BatchSql {
  const { view } = plan;
  const id = (name: string) => dialect.identifier(name);
  const needed = [...new Set([...plan.by.map(({ name }) => name), ...plan.filters.map(({ name }) => name)])];
  const columns: Record<string, string> = { window_start: "TIMESTAMP" };
  for (const name of needed) columns[name] = dimensionType(view.from.columns[name]!, dialect);
  for (const cell of view.cells) columns[cell.name] = dialect.cellType(cell.type);

  const dimensions = plan.by.map(({ name }) => id(name));
  const cells = view.cells.map(({ name }) => id(name));
  const start = id("window_start");
  const conditions = [
    `${start} >= ${dialect.literal(new Date(plan.from))}`,
    `${start} < ${dialect.literal(new Date(plan.until))}`,
    ...plan.filters.map((filter) => dialect.predicate(filterNode(filter), view.from.columns)),
  ];
  const list = (parts: readonly string[]) => parts.join(", ");
  const base = id("_base");
  const read = `SELECT ${list([...(windows ? [`${dialect.epochMs(start)} AS ${base}`] : []), ...dimensions, ...cells])} FROM ${dialect.scan(uris, columns)} WHERE ${conditions.join(" AND ")}`;
  const keys = [...(windows ? [id(WINDOW)] : []), ...dimensions];
  const mapped = windows ? `SELECT ${list([`${plan.granularity === view.every ? base : windows.sql(base)} AS ${id(WINDOW)}`, ...dimensions, ...cells])} FROM (${read}) AS r` : read;
  if (isPlain(plan)) return { text: ordered(plan, mapped, keys, dialect, top), grouped: true };
  if (view.cells.some((cell) => !mergesInSql(cell, dialect))) return { text: mapped, grouped: false };
  return { text: ordered(plan, grouped(plan, mapped, keys, dialect), keys, dialect, top), grouped: true };
}

function grouped(plan: QueryPlan, rows: string, keys: readonly string[], dialect: SqlDialect): string {
  const id = (name: string) => dialect.identifier(name);
  const { cells } = plan.view;
  const groupBy = keys.length > 0 ? ` GROUP BY ${keys.join(", ")}` : "";
  const scalars = cells.filter(({ type }) => type !== "sketch");
  const sketches = cells.filter(({ type }) => type === "sketch");
  // A total over no row is no row. The count also keeps the statement valid when a view has sketches alone.
  const scalarPart = `SELECT ${[...keys, ...scalars.map((cell) => `${aggregate(cell, dialect)} AS ${id(cell.name)}`), `COUNT(*) AS ${id("_rows")}`].join(", ")} FROM ${sketches.length > 0 ? "b" : `(${rows}) AS b`}${groupBy} HAVING COUNT(*) > 0`;
  if (sketches.length === 0) return `SELECT ${[...keys, ...cells.map(({ name }) => id(name))].join(", ")} FROM (${scalarPart}) AS g`;
  const parts = sketches.map((cell, s) => {
    const merged = cell.combine === "maxByKey" ? "MAX" : "SUM";
    const entries = `SELECT ${[...keys, `UNNEST(map_keys(${id(cell.name)})) AS k`, `UNNEST(map_values(${id(cell.name)})) AS v`].join(", ")} FROM b`;
    const byKey = `SELECT ${[...keys, "k", `CAST(${merged}(v) AS BIGINT) AS v`].join(", ")} FROM (${entries}) AS e GROUP BY ${[...keys, "k"].join(", ")}`;
    return { name: `s${s}`, sql: `SELECT ${[...keys, `map(list(k), list(v)) AS ${id(cell.name)}`].join(", ")} FROM (${byKey}) AS m${groupBy}` };
  });
  const joins = parts.map(({ name, sql }) => `LEFT JOIN (${sql}) AS ${name} ON ${keys.length === 0 ? "TRUE" : keys.map((key) => `g.${key} IS NOT DISTINCT FROM ${name}.${key}`).join(" AND ")}`);
  const picked = cells.map((cell) => `${cell.type === "sketch" ? parts[sketches.indexOf(cell)]!.name : "g"}.${id(cell.name)}`);
  return `WITH b AS (${rows}) SELECT ${[...keys.map((key) => `g.${key}`), ...picked].join(", ")} FROM (${scalarPart}) AS g ${joins.join(" ")}`;
}

function ordered(plan: QueryPlan, rows: string, keys: readonly string[], dialect: SqlDialect, top: Top | undefined): string {
  if (top === undefined) return rows;
  const columns = [...keys, ...plan.view.cells.map(({ name }) => dialect.identifier(name))].join(", ");
  const order = orderTerms(plan, dialect).join(", ");
  if (top.besides !== undefined) return besides(plan, rows, keys, dialect, columns, order, top.besides, top);
  if (top.limitPerWindow === undefined) return `SELECT ${columns} FROM (${rows}) AS o ORDER BY ${order} LIMIT ${top.limit}`;
  const partition = plan.granularity === "all" ? "" : `PARTITION BY ${dialect.identifier(WINDOW)} `;
  const rank = dialect.identifier("_rank");
  const ranked = `SELECT ${columns}, ROW_NUMBER() OVER (${partition}ORDER BY ${order}) AS ${rank} FROM (${rows}) AS o`;
  const limited = `SELECT ${columns} FROM (${ranked}) AS p WHERE ${rank} <= ${top.limitPerWindow}`;
  return top.limit === undefined ? limited : `${limited} ORDER BY ${order} LIMIT ${top.limit}`;
}

/**
 * What merging leaves alone keeps its place among its like: the first rows that are not among `groups`, and those that
 * are. So the answer's first rows are among what comes, however the speed layer changes the others.
 */
function besides(plan: QueryPlan, rows: string, keys: readonly string[], dialect: SqlDialect, columns: string, order: string, groups: GroupTable, top: Top): string {
  const id = (name: string) => dialect.identifier(name);
  const names = keys.map((_, k) => id(`_k${k}`));
  const values = Array.from({ length: groups.length }, (_, row) => {
    const dimensions = plan.by.map(({ column }, d) => dimensionLiteral(column, groups.dimensions[d]![row]!, dialect));
    return `(${[...(plan.granularity === "all" ? [] : [`CAST(${groups.windows[row]} AS BIGINT)`]), ...dimensions, "TRUE"].join(", ")})`;
  });
  const same = keys.length === 0 ? "TRUE" : keys.map((key, k) => `o.${key} IS NOT DISTINCT FROM s.${names[k]}`).join(" AND ");
  const partition = [...(top.limitPerWindow === undefined || plan.granularity === "all" ? [] : [id(WINDOW)]), id("_both")].join(", ");
  const joined = `SELECT o.*, s.${id("_both")} FROM (${rows}) AS o LEFT JOIN (VALUES ${values.join(", ")}) AS s(${[...names, id("_both")].join(", ")}) ON ${same}`;
  const ranked = `SELECT *, ROW_NUMBER() OVER (PARTITION BY ${partition} ORDER BY ${order}) AS ${id("_rank")} FROM (${joined}) AS j`;
  return `SELECT ${columns} FROM (${ranked}) AS p WHERE ${id("_both")} OR ${id("_rank")} <= ${top.limitPerWindow ?? top.limit}`;
}

function dimensionLiteral(column: ColumnDefinition, value: DimensionValue, dialect: SqlDialect): string {
  if (value !== null && column.kind === "timestamp") return dialect.literal(new Date(Number(value)));
  const literal = value !== null && column.kind === "decimal" ? textFromScaled(value as number | bigint, column.scale ?? 0) : value;
  // A column of nulls alone has no type of its own.
  return `CAST(${dialect.literal(literal)} AS ${dimensionType(column, dialect)})`;
}

/** In a view's table: instants without a zone, in UTC. */
const dimensionType = (column: ColumnDefinition, dialect: SqlDialect) => (column.kind === "timestamp" ? "TIMESTAMP" : dialect.columnType(column));

/** As `compareRows` does. Text orders by bytes in every engine that we generate for. */
function orderTerms(plan: QueryPlan, dialect: SqlDialect): readonly string[] {
  const id = (name: string) => dialect.identifier(name);
  const { by, descending } = plan.order;
  const window = plan.granularity === "all" ? [] : [id(WINDOW)];
  const terms: string[] = [];
  const direction = descending ? "DESC" : "ASC";
  if (by === undefined) terms.push(...window);
  else {
    if (plan.limitPerWindow !== undefined) terms.push(...window.map((w) => (by.of === "window" ? `${w} ${direction}` : w)));
    if (by.of === "window") terms.push(...window.map((w) => `${w} ${direction}`));
    else if (by.of === "dimension") terms.push(`${id(plan.by[by.index]!.name)} ${direction} NULLS LAST`);
    else terms.push(`${id(plan.view.cells[orderingCell(plan.view, by.index)!]!.name)} ${direction} NULLS LAST`);
  }
  const unique = [...terms, ...plan.by.map(({ name }) => `${id(name)} ASC NULLS LAST`), ...window];
  return unique.length > 0 ? unique : ["1"];
}

function filterNode({ name, values, orNull }: DimensionFilter): PredicateNode {
  const parts: PredicateNode[] = values.length === 0 ? [] : [{ op: "in", column: name, values }];
  if (orNull) parts.push({ op: "isNull", column: name });
  return parts.length === 1 ? parts[0]! : { op: "or", all: parts };
}

const mergesInSql = (cell: MeasureCell, dialect: SqlDialect): boolean =>
  cell.type === "sketch" ? dialect.name === "duckdb" : cell.type !== "bytes";

function aggregate(cell: MeasureCell, dialect: SqlDialect): string {
  const name = dialect.identifier(cell.name);
  if (cell.combine === "min") return `MIN(${name})`;
  if (cell.combine === "max") return `MAX(${name})`;
  return cell.type === "int64" ? dialect.wideSum(name) : `SUM(${name})`;
}
