import type { ColumnDefinition } from "../streams/column-definition.js";

/**
 * What a measure's `present` does, as data, so that it can be said in SQL: of its merged cells, in their order. A `value`
 * is one exact or inexact cell as its column is declared (a count has no column); a `mean` divides a sum by a count.
 */
export type Presentation =
  | { readonly of: "value"; readonly column?: ColumnDefinition }
  | { readonly of: "mean"; readonly column: ColumnDefinition }
  | { readonly of: "distinct" }
  | { readonly of: "quantile"; readonly column: ColumnDefinition; readonly q: number }
  | { readonly of: "ratio"; readonly over: PresentedPart; readonly under: PresentedPart };

/** One side of a ratio, and how many of the measure's cells are its own: those of `over` come first. */
export interface PresentedPart {
  readonly cells: number;
  readonly presentation: Presentation;
}
