import { sql, type Sql } from "millrace";

const DAY_MS = 86_400_000;

/*
 * Calendar arithmetic for SQL that engines write differently: ISO weeks and days of the week. In whole numbers, because
 * `/` of two integers is a double in some engines and an integer in others. All in UTC.
 */

/** Days since 1970-01-01 of an instant in epoch milliseconds, also before. */
export const dayNumber = (epochMs: Sql): Sql => sql`cast((${epochMs} - ((${epochMs} % ${DAY_MS}) + ${DAY_MS}) % ${DAY_MS}) / ${DAY_MS} as bigint)`;

/** The key of `dim_time`: the second of the day, 0 to 86,399. */
export const timeKey = (epochMs: Sql): Sql => {
  const ofDay = sql`(((${epochMs} % ${DAY_MS}) + ${DAY_MS}) % ${DAY_MS})`;
  return sql`cast((${ofDay} - ${ofDay} % 1000) / 1000 as bigint)`;
};

/** The key of `dim_date`: 20250106 for 6 January 2025. */
export const dateKey = (date: Sql): Sql => sql`extract(year from ${date}) * 10000 + extract(month from ${date}) * 100 + extract(day from ${date})`;
