import type { TextDictionary } from "./text-dictionary.js";

/** One column of an {@link EventBatch}. `nulls[i] === 1` where row `i` is null; absent when no row is. */
export type ColumnVector =
  | { readonly kind: "text"; readonly codes: Int32Array; readonly dictionary: TextDictionary }
  /** int64 presented as number, decimal presented as number (scaled), timestamp (epoch ms), float64: safe integers but for float64. */
  | { readonly kind: "int64" | "decimal" | "timestamp" | "float64"; readonly values: Float64Array; readonly nulls?: Uint8Array }
  /** int64 presented as bigint, decimal presented as string (scaled): any int64. */
  | { readonly kind: "int64" | "decimal"; readonly values: BigInt64Array; readonly nulls?: Uint8Array }
  | { readonly kind: "boolean"; readonly values: Uint8Array; readonly nulls?: Uint8Array };
