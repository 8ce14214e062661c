import type { ColumnBatch, EventBatch } from "@millrace/core";

/**
 * Events column by column, without what ties them to every record of the log: what `consume` gives, or what is left of it
 * after `dedupe`. Windows take it; `foldViews` and `deadLetterTo` do not, for they need every record.
 */
export type ColumnarBatch<R> = EventBatch<R> & Pick<ColumnBatch<R>, "eventTime" | "late" | "columns" | "coordinates">;
