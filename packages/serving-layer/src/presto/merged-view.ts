import type { ColumnDefinition, Generation, MeasureCell, StoredView, TableGeneration, ViewDefinition } from "@millrace/core";
import { chainSql, segmentKeySql, type ListedBuckets, type PartitionStart } from "./chain-sql.js";
import { MERGED_VIEW_DIALECTS, type MergedViewDialect } from "./merged-view-dialect.js";
import { exactSql, presentedSql, scaledSql } from "./presented-sql.js";
import { prestoDialect } from "./presto-dialect.js";
import { prestoIdentifier as id, prestoText as text } from "./presto-scan.js";
import { ENTRIES, hyperLogLogSql, mergedSketchSql, rankCountsSql, sketchEntriesSql } from "./sketch-sql.js";

/** Where merged views are, and what they read. */
export interface MergedViewPlace {
  /** What the server is. */
  readonly dialect: "presto" | "trino";
  /** The catalog of the metastore. */
  readonly catalog: string;
  /** The schema of the merged views in it. */
  readonly schema: string;
  /** The schema in which `hiveCatalog` shows generations. */
  readonly tables: string;
  /** The catalog of the speed layer's rows. */
  readonly speedCatalog: string;
}

/** All that a text is made of. */
export interface MergedViewOptions {
  readonly view: ViewDefinition;
  readonly place: MergedViewPlace;
  readonly stored: StoredView;
  /** Of this view; null while nothing is published. */
  readonly batch: { readonly generation: Pick<Generation, "number">; readonly table: TableGeneration } | null;
  readonly starts: readonly PartitionStart[];
  readonly buckets: ListedBuckets;
}

/** Metastores keep a text in a column of 32,700 characters, in base64: a longer one cannot be kept everywhere. */
export const MAX_MERGED_VIEW_CHARACTERS = 20_000;

/** Versions that are named one by one, so that no other is read. */
const MAX_NAMED_VERSIONS = 60;

/** Columns between reading and finishing, which meet no name of a stream. */
const cellColumn = (cell: number): string => `_c${cell}`;
const countsColumn = (cell: number): string => `_n${cell}`;

/** A column of a merged view. */
export interface MergedViewColumn {
  readonly name: string;
  /** What it is, of merged cells. */
  readonly sql: string;
}

/** Why a view cannot be a merged view; undefined where it can. */
export function mergedViewProblem(view: ViewDefinition): string | undefined {
  const unsayable = view.measures.find(({ presentation }) => presentation === undefined);
  if (unsayable !== undefined) return `the measure "${unsayable.name}" is presented by a function of its own, which SQL cannot say`;
  const seen = new Map<string, string>();
  for (const name of ["window_start", ...view.by, ...columnsOf(view, "presto").map((column) => column.name)]) {
    const same = seen.get(name.toLowerCase());
    if (same !== undefined) return `the columns "${same}" and "${name}" have one name in SQL`;
    seen.set(name.toLowerCase(), name);
  }
  return undefined;
}

/** The view's name where it is, quoted. */
export const mergedViewName = ({ name }: Pick<ViewDefinition, "name">, { catalog, schema }: Pick<MergedViewPlace, "catalog" | "schema">): string => [catalog, schema, name.toLowerCase()].map(id).join(".");

/** What every message of a text begins with: how old it is can be read from it. */
const toldBy = ({ view, batch }: Pick<MergedViewOptions, "view" | "batch">): string => `millrace: view "${view.name}" of generation ${batch?.generation.number ?? "none"}: `;

/** The generation that a text names, null for none yet; undefined for a text that is no merged view. */
export function generationOfMergedView(sql: string): number | null | undefined {
  const [, number] = /millrace: view "[^"]*" of generation (\d+|none): /.exec(sql) ?? [];
  return number === undefined ? undefined : number === "none" ? null : Number(number);
}

/**
 * The statement that makes a view whole for SQL users: rows of the generation's table, and rows of the segments that are
 * chained from its cut on, merged and finished. Its text is the pointer: generation, cut and buckets are literals, so it is
 * exact whenever it is read, or fails. See decision 028.
 *
 * @throws {RangeError} when it would be longer than {@link MAX_MERGED_VIEW_CHARACTERS}, or no bucket is listed. Ask {@link mergedViewProblem} before.
 */
export function mergedView(options: MergedViewOptions): string {
  const { view, place, stored, batch, starts, buckets } = options;
  if (buckets.until <= buckets.from) throw new RangeError(`writing the merged view "${view.name}": it would list no bucket: read further ahead`);
  const dialect = MERGED_VIEW_DIALECTS[place.dialect];
  const told = toldBy(options);
  const stores = (table: string) => [place.speedCatalog, stored.schema, table].map(id).join(".");
  const own = `fingerprint = ${text(view.fingerprint)} AND topic = ${text(view.from.topic)}`;
  const chain = chainSql({ told, progress: `(SELECT * FROM ${stores(stored.progressTable)} WHERE ${own})`, starts, buckets });

  const versions = Object.values(batch?.table.versions ?? {});
  const known = batch === null || versions.length === 0 ? undefined : knownSql(place, batch.generation.number, batch.table, told);
  const keys = ["window_start", ...view.by];
  const parts = [
    guardSql(view, dialect, known !== undefined),
    ...(batch === null || versions.length === 0 ? [] : [batchSql(view, place, batch.generation.number, batch.table)]),
    speedSql(view, dialect, stored, { own, table: stores(stored.table), buckets, told }),
  ];
  const cells = view.cells.map((cell, c) => `${mergedCellSql(cell, cellColumn(c))} AS ${cellColumn(c)}`);
  const counts = view.cells.flatMap((cell, c) => (cell.combine === "maxByKey" ? [`${rankCountsSql(cellColumn(c))} AS ${countsColumn(c)}`] : []));
  const list = keys.map(id).join(", ");
  const merged = `SELECT ${[list, ...cells].join(", ")} FROM (${parts.join(" UNION ALL ")}) GROUP BY ${keys.map((_, k) => k + 1).join(", ")}`;
  const counted = counts.length === 0 ? merged : `SELECT *, ${counts.join(", ")} FROM (${merged})`;
  const columns = columnsOf(view, place.dialect).map(({ name, sql }) => `${sql} AS ${id(name)}`);
  const sql =
    `CREATE OR REPLACE VIEW ${mergedViewName(view, place)} AS WITH c AS (${chain})${known === undefined ? "" : `, h AS (${known})`} ` +
    `SELECT ${[list, ...columns].join(", ")} FROM (${counted})`;
  if (sql.length > MAX_MERGED_VIEW_CHARACTERS) {
    throw new RangeError(`writing the merged view "${view.name}": its text has ${sql.length} characters, and metastores keep ${MAX_MERGED_VIEW_CHARACTERS}: list fewer buckets ahead, or make them longer`);
  }
  return sql;
}

/** The finished columns: every measure, and beside those that cannot be added up what they are made of. */
function columnsOf(view: ViewDefinition, server: "presto" | "trino"): readonly MergedViewColumn[] {
  const { timestamp } = MERGED_VIEW_DIALECTS[server];
  let at = 0;
  return view.measures.flatMap((measure) => {
    const from = at;
    at += measure.cells.length;
    const columns = measure.cells.map((_, c) => cellColumn(from + c));
    const counts = measure.cells.map((cell, c) => (cell.combine === "maxByKey" ? countsColumn(from + c) : undefined));
    const sql = presentedSql(measure, { columns, counts }, timestamp);
    if (sql === undefined) return [];
    const partsOf = measure.cells.flatMap((cell, c): readonly MergedViewColumn[] => {
      if (cell.combine === "maxByKey") return [{ name: `${cell.name}__hll`, sql: hyperLogLogSql(columns[c]!) }];
      if (cell.type === "sketch" || measure.cells.length === 1) return [];
      return [{ name: cell.name, sql: cell.input.of === "value" ? exactSql(columns[c]!, view.from.columns[cell.input.column]!, timestamp) : columns[c]! }];
    });
    return [{ name: measure.name, sql }, ...partsOf];
  });
}

function mergedCellSql(cell: MeasureCell, column: string): string {
  switch (cell.combine) {
    case "sum":
      return cell.type === "float64" ? `coalesce(sum(${column}), 0e0)` : `CAST(coalesce(sum(CAST(${column} AS DECIMAL(38, 0))), 0) AS BIGINT)`;
    case "min":
    case "max":
      return `${cell.combine}(${column})`;
    case "maxByKey":
    case "sumByKey":
      return mergedSketchSql(cell.combine, column);
    case "custom":
      throw new RangeError(`writing cell "${cell.name}" in SQL: it is folded in TypeScript`);
  }
}

/** How many versions of the generation's table the metastore knows: fails unless it is all of them. */
function knownSql({ catalog, tables }: MergedViewPlace, number: number, { name, partitioned, versions }: TableGeneration, told: string): string {
  const all = Object.keys(versions).length;
  const found = `SELECT count(*) FROM ${[catalog, tables, "published"].map(id).join(".")} AS p JOIN ${[catalog, tables, `${name}_versions$partitions`].map((part) => id(part.toLowerCase())).join(".")} AS v ON ${partitioned === "date" ? `v.millrace_date = p."date" AND ` : ""}v.millrace_version = p.version WHERE p.generation = ${text(String(number))} AND p.table_name = ${text(name)}`;
  return `SELECT IF(n = ${all}, BIGINT '0', CAST(fail(${text(told)} || 'of ${all} versions of its table ' || CAST(n AS VARCHAR) || ' are there') AS BIGINT)) AS ok FROM (${found}) AS f(n)`;
}

/**
 * No rows, but none that a filter can do without: every column depends on the chain, so that whatever is asked of the view,
 * the chain is looked at, also where there is nothing else to read.
 */
function guardSql(view: ViewDefinition, dialect: MergedViewDialect, hasBatch: boolean): string {
  const never = `cardinality(c.chain)${hasBatch ? " + h.ok" : ""} < 0`;
  const column = (sql: string, name: string) => `IF(${never}, ${sql}) AS ${name}`;
  const columns = [
    column(dialect.timestamp("0"), "window_start"),
    ...view.by.map((name) => column(`CAST(${zeroOf(view.from.columns[name]!, dialect)} AS ${typeOf(view.from.columns[name]!)})`, id(name))),
    ...view.cells.map(({ type }, c) => column(type === "sketch" ? `CAST(ARRAY[] AS ${ENTRIES})` : type === "float64" ? "0e0" : "BIGINT '0'", cellColumn(c))),
  ];
  return `SELECT ${columns.join(", ")} FROM c${hasBatch ? " CROSS JOIN h" : ""} WHERE ${never}`;
}

/** Joined through what the generation consists of, which never changes. */
function batchSql(view: ViewDefinition, { catalog, tables }: MergedViewPlace, number: number, { name, partitioned, versions }: TableGeneration): string {
  const at = (table: string) => [catalog, tables, table.toLowerCase()].map(id).join(".");
  const named = [...new Set(Object.values(versions).map(({ version }) => version))];
  const cells = view.cells.map((cell, c) => (cell.type === "sketch" ? `CAST(map_entries(t.${id(cell.name)}) AS ${ENTRIES}) AS ${cellColumn(c)}` : `t.${id(cell.name)} AS ${cellColumn(c)}`));
  return (
    `SELECT ${["t.window_start", ...view.by.map((dimension) => `t.${id(dimension)}`), ...cells].join(", ")} FROM ${at(`${name}_versions`)} AS t JOIN ${at("published")} AS p ` +
    `ON ${partitioned === "date" ? `t.millrace_date = p."date" AND ` : ""}t.millrace_version = p.version WHERE p.generation = ${text(String(number))} AND p.table_name = ${text(name)}` +
    (named.length > MAX_NAMED_VERSIONS ? "" : ` AND t.millrace_version IN (${named.map(text).join(", ")})`)
  );
}

/** The chain is one row, joined to each: it is known before the first row is read, and `progress` is older than the rows. */
function speedSql(view: ViewDefinition, dialect: MergedViewDialect, stored: StoredView, { own, table, buckets, told }: { readonly own: string; readonly table: string; readonly buckets: ListedBuckets; readonly told: string }): string {
  const dimensions = view.by.map((name, d) => `${storedDimensionSql(view.from.columns[name]!, stored.dimensions[d]!, dialect, told)} AS ${id(name)}`);
  const cells = view.cells.map((cell, c) => {
    const column = `speed.${id(stored.cells[c]!)}`;
    return `${cell.type === "sketch" ? `IF(${column} IS NOT NULL, ${sketchEntriesSql(column)})` : column} AS ${cellColumn(c)}`;
  });
  const received: string[] = [];
  for (let bucket = buckets.from; bucket < buckets.until; bucket += stored.bucketMs) received.push(dialect.storedInstant(bucket));
  const shards = Array.from({ length: stored.shards }, (_, shard) => shard);
  const end = `element_at(c.chain, ${segmentKeySql("speed")})`;
  return (
    `SELECT ${[`${dialect.fromStored("speed.window_start")} AS window_start`, ...dimensions, ...cells].join(", ")} FROM (SELECT * FROM ${table} WHERE ${own} AND received IN (${received.join(", ")}) AND shard IN (${shards.join(", ")}) AND version IS NOT NULL) AS speed CROSS JOIN c ` +
    `WHERE CASE WHEN speed.version > ${end} THEN CAST(fail(${text(`${told}a row lies beyond the end of its segment`)}) AS BOOLEAN) ELSE ${end} IS NOT NULL END`
  );
}

function storedDimensionSql(column: ColumnDefinition, { column: name, nullColumn, nullText }: StoredView["dimensions"][number], dialect: MergedViewDialect, told: string): string {
  const value = `speed.${id(name)}`;
  if (nullText !== undefined) {
    const escaped = `CASE WHEN ${value} = ${text(nullText)} THEN NULL WHEN substr(${value}, 2, 1) = 's' THEN substr(${value}, 3) ELSE CAST(fail(${text(`${told}a text that is no Unicode`)}) AS VARCHAR) END`;
    return `IF(substr(${value}, 1, 1) = ${text(nullText)}, ${escaped}, ${value})`;
  }
  const shown = column.kind === "decimal" ? scaledSql(value, column.scale ?? 0, column.as === "string" ? 19 : 18) : column.kind === "timestamp" ? dialect.fromStored(value) : value;
  return nullColumn === undefined ? shown : `IF(speed.${id(nullColumn)}, NULL, ${shown})`;
}

/** The type of a dimension in a view's table. */
const typeOf = (column: ColumnDefinition): string => (column.kind === "timestamp" ? "TIMESTAMP" : prestoDialect.columnType(column));

function zeroOf({ kind }: ColumnDefinition, dialect: MergedViewDialect): string {
  return kind === "text" ? "''" : kind === "boolean" ? "FALSE" : kind === "timestamp" ? dialect.timestamp("0") : "0";
}
