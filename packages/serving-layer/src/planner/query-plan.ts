import type { ColumnDefinition, Granularity, Literal, ViewDefinition } from "@millrace/core";

/** A checked query: everything is there, in the form that layers hold it. */
export interface QueryPlan {
  readonly view: ViewDefinition;
  /** Windows of the view that start in `[from, until)`, epoch ms. */
  readonly from: number;
  readonly until: number;
  readonly granularity: Granularity | "all";
  readonly zone: string;
  /** The dimensions of the answer, in its order. */
  readonly by: readonly Dimension[];
  readonly filters: readonly DimensionFilter[];
  readonly order: Order;
  readonly limit: number | undefined;
  readonly limitPerWindow: number | undefined;
  readonly fill: boolean;
  readonly allowIncomplete: boolean;
  /** Whether each row says what of it comes from which layer. */
  readonly split: boolean;
}

export interface Dimension {
  readonly name: string;
  /** Its place in the view's `by`. */
  readonly index: number;
  readonly column: ColumnDefinition;
}

/** Keeps rows whose dimension is one of the values. */
export interface DimensionFilter extends Dimension {
  readonly values: readonly Literal[];
  readonly orNull: boolean;
}

/** What rows order by, before ties: dimensions ascending, then windows. */
export interface Order {
  readonly by:
    | { readonly of: "window" }
    /** Place in the plan's `by`. */
    | { readonly of: "dimension"; readonly index: number }
    /** Place in the view's `measures`. */
    | { readonly of: "measure"; readonly index: number }
    | undefined;
  readonly descending: boolean;
}
