import type { QueryPlan } from "./query-plan.js";

/** A text that is equal for plans that ask the same, and for those alone. */
export function planKey({ view, by, filters, ...rest }: QueryPlan): string {
  return JSON.stringify(
    [view.name, view.fingerprint, by.map(({ index }) => index), filters.map(({ index, values, orNull }) => [index, values, orNull]), rest],
    // A bigint and the text of its digits are different values of different columns, but columns stand by their place.
    (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
  );
}
