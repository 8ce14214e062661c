/**
 * A literal as columns hold it inside: text as string, int64 and decimal (scaled) as number or bigint, timestamp as
 * epoch ms, boolean, float64 as number.
 */
export type Literal = string | number | bigint | boolean;

/**
 * A filter that runs in TypeScript and prints as SQL. Both follow SQL's three-valued logic: a comparison with a null is
 * unknown, `not` of unknown is unknown, and a row passes only when the whole is true.
 */
export type PredicateNode =
  | { readonly op: "eq" | "ne" | "lt" | "le" | "gt" | "ge"; readonly column: string; readonly value: Literal }
  | { readonly op: "in"; readonly column: string; readonly values: readonly Literal[] }
  | { readonly op: "isNull" | "isNotNull"; readonly column: string }
  | { readonly op: "and" | "or"; readonly all: readonly PredicateNode[] }
  | { readonly op: "not"; readonly of: PredicateNode };
