import { collectRows } from "@millrace/core";
import type { SqlEngine } from "@millrace/core";
import { CatalogConflictError } from "./catalog-conflict-error.js";

/** A table of the metastore as it is to be. */
export interface HiveTable {
  readonly database: string;
  readonly table: string;
  /** SQL types by column, in order, without those of partitions. */
  readonly columns: Readonly<Record<string, string>>;
  /** Columns of partitions: texts. */
  readonly partitions: readonly string[];
  /** The folder's uri as a literal. */
  readonly location: string;
}

/** The names of a database's tables and views, in lower case; the database is made where there is none. */
export async function hiveTables(engine: SqlEngine, database: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const name = engine.dialect.identifier(database);
  await collectRows(engine, `CREATE DATABASE IF NOT EXISTS ${name}`, signal);
  return new Set((await collectRows(engine, `SHOW TABLES IN ${name}`, signal)).map(([, table]) => String(table).toLowerCase()));
}

/**
 * Makes an external table of Parquet files, or gives the one that there is the columns that it lacks: they are null in
 * older files.
 *
 * @throws {CatalogConflictError} when a column has another type, or the table other partitions; nothing is changed then.
 */
export async function evolveTable(engine: SqlEngine, wanted: HiveTable, exists: boolean, signal: AbortSignal): Promise<void> {
  const id = (name: string) => engine.dialect.identifier(name);
  const { database, table, columns, partitions, location } = wanted;
  const at = `${id(database)}.${id(table)}`;
  const declared = Object.entries(columns).map(([column, type]) => ({ column, type, sql: `${id(column)} ${type}` }));
  if (!exists) {
    const by = partitions.length === 0 ? "" : ` PARTITIONED BY (${partitions.map((column) => `${id(column)} STRING`).join(", ")})`;
    await collectRows(engine, `CREATE TABLE IF NOT EXISTS ${at} (${declared.map(({ sql }) => sql).join(", ")})${by} STORED AS PARQUET LOCATION ${location}`, signal);
    return;
  }
  const { known, by } = await described(engine, at, signal);
  if (by.join() !== partitions.join()) throw new CatalogConflictError(database, table, by[0] ?? partitions[0]!, `one of the partitions (${by.join(", ")})`, `with the partitions (${partitions.join(", ")})`);
  for (const { column, type } of declared) {
    const is = known.get(column);
    if (is !== undefined && is !== plainType(type)) throw new CatalogConflictError(database, table, column, is, plainType(type));
  }
  const added = declared.filter(({ column }) => !known.has(column));
  if (added.length > 0) await collectRows(engine, `ALTER TABLE ${at} ADD COLUMNS (${added.map(({ sql }) => sql).join(", ")})`, signal);
}

/** Types by column, and the columns of partitions, which are told once more after a heading. */
async function described(engine: SqlEngine, at: string, signal: AbortSignal): Promise<{ readonly known: ReadonlyMap<string, string>; readonly by: readonly string[] }> {
  const known = new Map<string, string>();
  const by: string[] = [];
  let isHeaded = false;
  for (const [column, type] of await collectRows(engine, `DESCRIBE TABLE ${at}`, signal)) {
    const name = String(column);
    if (name.startsWith("#") || name === "") isHeaded = true;
    else if (isHeaded) by.push(name);
    else known.set(name, plainType(String(type)));
  }
  return { known, by };
}

/** `MAP<INT, BIGINT>` as `DESCRIBE` prints it. */
const plainType = (type: string): string => type.toLowerCase().replaceAll(" ", "");
