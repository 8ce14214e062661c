/** What kind of values a column holds. */
export type Kind = "int64" | "decimal" | "float64" | "text" | "boolean" | "timestamp";

/** Where a column lies in a record. */
export type ColumnSource =
  | { readonly in: "value"; readonly path: readonly string[] }
  | { readonly in: "key" }
  | { readonly in: "header"; readonly name: string }
  | { readonly in: "appendedAt" };

/** A declared column, resolved. What `text()`, `int64()` and the others build. */
export interface ColumnDefinition {
  readonly kind: Kind;
  readonly optional: boolean;
  readonly source: ColumnSource;
  /** How values present: `int64` as number or bigint, `decimal` as number or string. Absent for other kinds. */
  readonly as?: "number" | "bigint" | "string";
  /** Digits after the point of a `decimal`: held as an integer scaled by `10^scale`. */
  readonly scale?: number;
  /** What a `text` becomes when it is decoded. Its name stands for the function in fingerprints. */
  readonly cleaned?: { readonly name: string; readonly clean: (text: string) => string };
  /** Unit of a `timestamp` in the record. Inside, timestamps are epoch milliseconds; "us" is floored to its millisecond. */
  readonly unit?: "s" | "ms" | "us" | "iso";
}
