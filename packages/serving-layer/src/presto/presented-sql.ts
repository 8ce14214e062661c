import type { ColumnDefinition, MeasureDefinition, Presentation } from "@millrace/core";
import { estimateDistinctSql, quantileSql } from "./sketch-sql.js";

/** What a presentation takes: columns of merged cells. */
export interface PresentedCells {
  /** Of scalars the value, of sketches the map. */
  readonly columns: readonly string[];
  /** Of sketches of ranks, the column of counts by rank. */
  readonly counts: readonly (string | undefined)[];
}

/** Makes an epoch-ms expression a timestamp. */
type Timestamp = (epochMs: string) => string;

/** A measure's finished value in SQL; undefined where it cannot be said. */
export function presentedSql({ presentation }: MeasureDefinition, cells: PresentedCells, timestamp: Timestamp): string | undefined {
  return presentation === undefined ? undefined : valueSql(presentation, cells, timestamp);
}

function valueSql(presentation: Presentation, cells: PresentedCells, timestamp: Timestamp): string {
  const [cell, count] = cells.columns;
  switch (presentation.of) {
    case "value":
      return presentation.column === undefined ? cell! : exactSql(cell!, presentation.column, timestamp);
    case "mean":
      return `IF(${count!} = 0, NULL, CAST(${cell!} AS DOUBLE) / (CAST(${count!} AS DOUBLE) * 1e${presentation.column.scale ?? 0}))`;
    case "distinct":
      return estimateDistinctSql(cells.counts[0]!);
    case "quantile":
      return `${quantileSql(cell!, presentation.q)} / 1e${presentation.column.scale ?? 0}`;
    case "ratio": {
      const { over, under } = presentation;
      const part = ({ columns, counts }: PresentedCells, from: number, until: number): PresentedCells => ({ columns: columns.slice(from, until), counts: counts.slice(from, until) });
      const divisor = doubleOf(under.presentation, part(cells, over.cells, over.cells + under.cells), timestamp);
      return `${doubleOf(over.presentation, part(cells, 0, over.cells), timestamp)} / nullif(${divisor}, 0e0)`;
    }
  }
}

/** As JavaScript makes a number of what is presented. */
function doubleOf(presentation: Presentation, cells: PresentedCells, timestamp: Timestamp): string {
  if (presentation.of !== "value") return `CAST(${valueSql(presentation, cells, timestamp)} AS DOUBLE)`;
  const { column } = presentation;
  return column?.kind === "decimal" ? `CAST(${cells.columns[0]!} AS DOUBLE) / 1e${column.scale ?? 0}` : `CAST(${cells.columns[0]!} AS DOUBLE)`;
}

/** What an int64 or float64 cell of a column's values says, of the type that the column has for SQL users. */
export function exactSql(cell: string, column: ColumnDefinition, timestamp: Timestamp): string {
  if (column.kind === "timestamp") return timestamp(cell);
  return column.kind === "decimal" ? scaledSql(cell, column.scale ?? 0, 38) : cell;
}

/** A scaled integer as a decimal of `digits`. */
export const scaledSql = (integer: string, scale: number, digits: number): string =>
  `CAST(CAST(${integer} AS DECIMAL(38, 0))${scale === 0 ? "" : ` * DECIMAL '0.${"1".padStart(scale, "0")}'`} AS DECIMAL(${digits}, ${scale}))`;
