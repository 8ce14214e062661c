import type { QueryPlan } from "./query-plan.js";

/** A text that is equal for plans that ask the same, and for those alone. */
export function planKey(plan: QueryPlan): string {
  const { order, limit, limitPerWindow, fill, allowIncomplete, split } = plan;
  return `${groupingKey(plan)} ${JSON.stringify([order, limit ?? null, limitPerWindow ?? null, fill, allowIncomplete, split])}`;
}

/** The same for the part of a plan that says which groups are made of which rows. */
export function groupingKey({ view, from, until, granularity, zone, by, filters }: QueryPlan): string {
  return JSON.stringify(
    [view.name, view.fingerprint, from, until, granularity, zone, by.map(({ index }) => index), filters.map(({ index, values, orNull }) => [index, values, orNull])],
    // A bigint and the text of its digits are values of different columns, and columns stand by their place.
    (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value),
  );
}
