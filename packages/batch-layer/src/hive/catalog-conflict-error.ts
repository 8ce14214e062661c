import { MillraceError } from "@millrace/core";

/** A column has another type than in the metastore: rows of both cannot be in one table. */
export class CatalogConflictError extends MillraceError {
  readonly code = "CATALOG_CONFLICT";
  readonly retryable = false;

  constructor(database: string, table: string, column: string, known: string, declared: string) {
    super(`showing "${table}" in the metastore: its column "${column}" is ${known} there, and is declared ${declared} now`, {
      advice: `nothing was written. Give the column another name; or drop ${database}.${table}, which leaves the files: the next try makes it again, with what is published then`,
    });
  }
}
