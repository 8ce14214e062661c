import type { SqlEngine, SqlValue } from "./sql-engine.js";

/**
 * All rows of a statement that gives few: they are in memory at once.
 *
 * @throws {SqlError} as `query` does
 */
export async function collectRows(engine: Pick<SqlEngine, "query">, sql: string, signal: AbortSignal): Promise<readonly (readonly SqlValue[])[]> {
  const rows: (readonly SqlValue[])[] = [];
  for await (const block of (await engine.query(sql, signal)).blocks) rows.push(...block);
  return rows;
}
