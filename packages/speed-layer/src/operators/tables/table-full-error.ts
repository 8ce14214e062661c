import { MillraceError } from "@millrace/core";

/** A table that holds a whole changelog got more keys than it may hold. */
export class TableFullError extends MillraceError {
  readonly code = "TABLE_FULL";
  readonly retryable = false;

  constructor(table: string, maxEntries: number) {
    super(`keeping table "${table}": more than ${maxEntries} keys`, {
      advice: "raise maxEntries, keep fewer keys (a value of null removes one), or use a lookupTable, which forgets what is not asked for",
    });
  }
}
