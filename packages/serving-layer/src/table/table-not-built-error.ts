import { MillraceError } from "@millrace/core";

/** No generation has the model's table as it is declared here. Not retryable: it needs a batch run. */
export class TableNotBuiltError extends MillraceError {
  readonly code = "TABLE_NOT_BUILT";
  readonly retryable = false;
  readonly table: string;

  constructor(table: string, why: string) {
    super(`reading table "${table}": ${why}`, { advice: "run the batch layer once with this model" });
    this.table = table;
  }
}
