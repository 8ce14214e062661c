import type { Generation, TableGeneration } from "../generations/generation.js";

/** A table of a generation, as SQL users are to see it. */
export interface CatalogTable extends TableGeneration {
  /** SQL types by column, in order, as the engine spells them. Absent: the table is declared otherwise now, and stays as it is known. */
  readonly columns?: Readonly<Record<string, string>>;
}

/**
 * Shows generations to SQL users who know nothing of Millrace's files: the versions of a table lie side by side in it,
 * and one step makes all tables of a generation the current ones. Every call may be repeated after a failure.
 */
export interface TableCatalog {
  readonly name: string;
  /** Makes the versions of a generation known before it is claimed. Who reads the current one sees no difference. */
  prepare(tables: readonly CatalogTable[], signal: AbortSignal): Promise<void>;
  /** The number that SQL users see; null before the first. */
  current(signal: AbortSignal): Promise<number | null>;
  /** Makes a generation that was prepared and claimed the current one, in one step. */
  show(generation: Generation, signal: AbortSignal): Promise<void>;
  /** Forgets what was pruned, before the files go. Versions are folders: `tables/<table>/[date=<date>/]version=<version>`. */
  forget(pruned: { readonly generations: readonly number[]; readonly versions: readonly string[] }, signal: AbortSignal): Promise<void>;
  /** Does what publication does with a table of its own, which is gone afterwards; fails where publication would. */
  probe(signal: AbortSignal): Promise<void>;
}
