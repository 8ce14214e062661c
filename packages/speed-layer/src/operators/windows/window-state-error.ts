import { MillraceError } from "@millrace/core";

/** Windows hold more rows than they may: results would need more memory than was allowed. */
export class WindowStateError extends MillraceError {
  readonly code = "WINDOW_STATE";
  readonly retryable = false;
  /** Rows that are open, and how many may be. */
  readonly rows: number;
  readonly maxRows: number;

  constructor(name: string, rows: number, maxRows: number, oldest: number) {
    super(`keeping the open windows of "${name}": ${rows} rows are open, but at most ${maxRows} may be; the oldest begins at ${new Date(oldest).toISOString()}`, {
      advice:
        "if a partition holds the windows back, see that it gets records or lower idleAfterMs; otherwise make windows shorter, lower allowedLatenessMs, use fewer dimensions, or raise maxRows",
    });
    this.rows = rows;
    this.maxRows = maxRows;
  }
}
