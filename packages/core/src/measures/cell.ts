/**
 * A measure is kept in one or more **cells**: the columns of a view's stored rows. Cells are commutative monoids of
 * their own, so rows merge cell by cell, and SQL engines build them with SUM, MIN, MAX or GROUP BY.
 */
export interface CellDefinition {
  /** Unique in its view: `plays`, or `avg_seconds__sum`. The column's name in stores and tables. */
  readonly name: string;
  readonly type: CellType;
  readonly combine: Combine;
}

/**
 * - `int64`: exact integers; overflow beyond int64 is an error, never wrapped.
 * - `float64`: inexact; a sum's drift is reported against a bound.
 * - `sketch`: a map from a small integer coordinate to an integer, see `sketch.ts` for its bytes.
 * - `bytes`: the encoded state of a custom measure.
 */
export type CellType = "int64" | "float64" | "sketch" | "bytes";

/** `maxByKey` and `sumByKey` combine sketches coordinate by coordinate. */
export type Combine = "sum" | "min" | "max" | "maxByKey" | "sumByKey" | "custom";

/**
 * A cell's value outside an accumulator. `int64` is a number while safe and a bigint beyond. `null` is the zero of `min`
 * and `max` (no value seen); sums and sketches have a zero of their own and are never null.
 */
export type CellValue = number | bigint | Uint8Array | null;
