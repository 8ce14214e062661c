import { generationLine, tableIn, type FileSystem, type Generation, type TableGeneration, type TableOf } from "@millrace/core";

/** The newest generation that has a table as it is declared now: a run builds on its versions. */
export interface TableBase {
  readonly generation: Generation;
  readonly table: TableGeneration;
}

export interface Bases {
  /** The highest generation: what the next one names as its parent. */
  readonly parent: Generation | null;
  /** By table name; a table that was never built from this declaration has none. */
  readonly of: ReadonlyMap<string, TableBase>;
  /** The newest generation that has exactly these tables. */
  readonly same: Generation | undefined;
}

/**
 * Looks for what a run of these tables can build on, along the parent's line. Processes of two sets of declarations may
 * take turns: each then builds on its own last generation, not on the other's.
 */
export async function findBases(files: FileSystem, parent: Generation | null, tables: readonly TableOf[], signal: AbortSignal): Promise<Bases> {
  const of = new Map<string, TableBase>();
  let same: Generation | undefined;
  if (parent !== null) {
    for await (const generation of generationLine(files, parent, signal)) {
      for (const declared of tables) {
        const table = of.has(declared.name) ? undefined : tableIn(generation, declared);
        if (table !== undefined) of.set(declared.name, { generation, table });
      }
      if (same === undefined && generation.tables.length === tables.length && tables.every((declared) => tableIn(generation, declared) !== undefined)) same = generation;
      if (same !== undefined && of.size === tables.length) break;
    }
  }
  return { parent, of, same };
}
