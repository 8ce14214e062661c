import type { DimensionValue } from "@millrace/core";

/** Equal for equal keys only: texts say their length. A dimension's values are of one type, or null. */
export function groupKey(window: number, dimensions: readonly DimensionValue[]): string {
  let key = String(window);
  for (const value of dimensions) key += value === null ? "|" : typeof value === "string" ? `|${value.length}:${value}` : `|${value}`;
  return key;
}
