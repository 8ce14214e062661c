import type { PredicateNode } from "../expressions/predicate-node.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import type { ComputedInput } from "./computed-input.js";
import type { CellDefinition, CellValue } from "./cell.js";
import type { Presentation } from "./presentation.js";

/** What a cell accumulates of each event that passes the measure's `where`. */
export type CellInput =
  | { readonly of: "one" }
  | { readonly of: "notNull"; readonly column: string }
  | { readonly of: "value"; readonly column: string }
  /** A sketch coordinate that decoding computes once, so that every layer holds the same integers. */
  | { readonly of: "coordinate"; readonly coordinate: CoordinateDefinition }
  | ComputedInput
  /** The column values that a custom measure's `add` takes. */
  | { readonly of: "values"; readonly columns: readonly string[] };

/**
 * A sketch coordinate of one column: `hll12` packs `register * 64 + rank` of the column's HyperLogLog hash, `dd`
 * the DDSketch bucket of its value. Null values have coordinate -1. In the master files as `_<kind>_<column>`.
 */
export interface CoordinateDefinition {
  readonly kind: "hll12" | "dd";
  readonly column: string;
}

/** A cell bound to the input it accumulates. */
export interface MeasureCell extends CellDefinition {
  readonly input: CellInput;
  /**
   * Only events that pass count for this cell. It stands with the cell, not with the measure: the two parts of a `ratio`
   * may have conditions of their own.
   */
  readonly where?: PredicateNode;
  /** Of cells of type `bytes`: the measure whose encoded state they hold. */
  readonly custom?: CustomMeasureDefinition;
}

/**
 * A commutative monoid with presentation, resolved against a view: its cells, what feeds them, and how their merged
 * values present. `defineView` makes it; a `ratio` has the cells of both its parts.
 */
export interface MeasureDefinition {
  readonly name: string;
  readonly cells: readonly MeasureCell[];
  /** From merged cell values, in the order of `cells`, to what users see. */
  readonly present: (cells: readonly CellValue[]) => unknown;
  /** What `present` does, where it can be said in SQL. Absent: of measures of the user's own. */
  readonly presentation?: Presentation;
  /** A text that changes when the measure's meaning or encoding changes: part of the view's fingerprint. */
  readonly identity: string;
}

/**
 * A measure of the user's own, folded in TypeScript by every layer. State is opaque. `add` takes values as users see
 * them (`presentValue` of the columns in `input`), and may change the state it is given.
 */
export interface CustomMeasureDefinition {
  readonly input: readonly ColumnDefinition[];
  /** See {@link MeasureDeclaration}, of which these are the functions. */
  readonly zero: () => unknown;
  /** The state with one more event. */
  readonly add: (state: unknown, ...values: readonly unknown[]) => unknown;
  /** Two states in one; `b` is left as it is. */
  readonly merge: (a: unknown, b: unknown) => unknown;
  /** Equal bytes for equal states. */
  readonly encode: (state: unknown) => Uint8Array;
  /** What `encode` wrote. */
  readonly decode: (bytes: Uint8Array) => unknown;
}
