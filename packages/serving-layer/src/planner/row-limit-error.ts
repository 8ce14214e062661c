import { MillraceError } from "@millrace/core";

/** An answer would have more rows than are served, or takes more groups to make than are merged. */
export class RowLimitError extends MillraceError {
  readonly code = "ROW_LIMIT";
  readonly retryable = false;
  readonly view: string;
  readonly limit: number;

  constructor(view: string, what: "rows" | "groups", limit: number) {
    super(`answering from view "${view}": more than ${limit} ${what === "rows" ? "rows" : "groups to merge"}`, {
      advice:
        what === "rows"
          ? "ask for a shorter range, a coarser granularity or fewer dimensions in `by`, filter with `where`, or set `limit`"
          : "ask for a shorter range, a coarser granularity or fewer dimensions in `by`, filter with `where`, or order by a count, sum, min or max",
    });
    this.view = view;
    this.limit = limit;
  }
}
