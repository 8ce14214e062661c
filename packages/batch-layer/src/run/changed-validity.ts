import { collectRows } from "@millrace/core";
import type { FileSystem, ModelDefinition, SqlEngine, TableGeneration } from "@millrace/core";
import { DAY_MS, dayOfDate } from "../master-dataset/utc-date.js";
import { tableScan } from "./check-tables.js";

/** The dates on which other rows of a table hold than before. */
export type ChangedValidity = (date: string) => boolean;

/** Runs of dates looked at; a table that differs in more than these may differ on every date. */
const MAX_RUNS = 10_000;
/** Beyond every date. */
const EVER = 1_000_000_000;

/**
 * Compares two versions of a whole table whose rows hold for a time. A row that is only in one of them, or has other
 * values, changes the dates on which it holds; one that only begins or ends at another instant changes those between.
 */
export async function changedValidity(
  { files, engine, model, before, after }: { readonly files: FileSystem; readonly engine: SqlEngine; readonly model: ModelDefinition; readonly before: TableGeneration; readonly after: TableGeneration },
  signal: AbortSignal,
): Promise<ChangedValidity> {
  const { dialect } = engine;
  const id = (name: string) => dialect.identifier(name);
  const { from, until } = model.valid!;
  const day = (epochMs: string) => `CAST(floor((${epochMs}) / ${DAY_MS}) AS BIGINT)`;
  const side = (table: TableGeneration) =>
    `(SELECT *, coalesce(${day(dialect.epochMs(id(from)))}, ${-EVER}) AS _first, coalesce(${day(`${dialect.epochMs(id(until))} - 1`)}, ${EVER}) AS _last FROM ${tableScan(files, engine, model, table)} AS t)`;
  const compared = Object.keys(model.columns).filter((name) => name !== from && name !== until && !model.key.includes(name));
  const key = model.key.map((name) => `o.${id(name)} = n.${id(name)}`).join(" AND ");
  const both = model.key.map((name) => `o.${id(name)} IS NOT NULL AND n.${id(name)} IS NOT NULL`).join(" AND ");
  const same = [both, ...compared.map((name) => `o.${id(name)} IS NOT DISTINCT FROM n.${id(name)}`)].join(" AND ");
  const moved = (column: string) => `o.${id(column)} IS DISTINCT FROM n.${id(column)}`;
  const pairs =
    `SELECT o._first AS f0, o._last AS l0, n._first AS f1, n._last AS l1, (${same}) AS same, ${moved(from)} AS begins, ${moved(until)} AS ends ` +
    `FROM ${side(before)} AS o FULL OUTER JOIN ${side(after)} AS n ON ${key}`;
  const runs = [
    "SELECT least(f0, f1) AS a, greatest(f0, f1) AS b FROM p WHERE same AND begins",
    "SELECT least(l0, l1) AS a, greatest(l0, l1) AS b FROM p WHERE same AND ends",
    "SELECT f0 AS a, l0 AS b FROM p WHERE NOT same AND f0 IS NOT NULL",
    "SELECT f1 AS a, l1 AS b FROM p WHERE NOT same AND f1 IS NOT NULL",
  ];
  const rows = await collectRows(engine, `WITH p AS (${pairs}) SELECT DISTINCT a, b FROM (${runs.join(" UNION ALL ")}) AS r LIMIT ${MAX_RUNS + 1}`, signal);
  if (rows.length > MAX_RUNS) return () => true;
  const changed = rows.map(([first, last]) => [Number(first), Number(last)] as const);
  return (date) => {
    const at = dayOfDate(date);
    return changed.some(([first, last]) => first <= at && at <= last);
  };
}

/** The rows that hold within `[from, until)`, epoch ms. */
export function rowsThatHold(model: ModelDefinition, scan: string, { from, until }: { readonly from: number; readonly until: number }, engine: SqlEngine): string {
  const { dialect } = engine;
  const valid = { from: dialect.identifier(model.valid!.from), until: dialect.identifier(model.valid!.until) };
  const instant = (ms: number) => dialect.literal(new Date(ms));
  return (
    `(SELECT * FROM ${scan} AS t WHERE (${valid.from} IS NULL OR ${valid.from} < ${instant(until)}) ` +
    `AND (${valid.until} IS NULL OR ${valid.until} > ${instant(from)}))`
  );
}
