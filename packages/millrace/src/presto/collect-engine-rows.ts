import type { SqlEngine, SqlValue } from "@millrace/core";

/** All rows of a statement. */
export async function collectEngineRows(engine: SqlEngine, sql: string, signal: AbortSignal): Promise<readonly (readonly SqlValue[])[]> {
  const rows: (readonly SqlValue[])[] = [];
  for await (const block of (await engine.query(sql, signal)).blocks) rows.push(...block);
  return rows;
}
