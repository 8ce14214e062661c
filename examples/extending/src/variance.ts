import { decimal, defineSqlMeasure, sql } from "millrace";

// region measure
/**
 * The population variance of a decimal column, null where no event had a value: the mean of the squares less the square
 * of the mean, from three exact sums. Squares are in units of the last digit, squared, and their sum is an int64: of
 * seconds with three digits, values of a minute fit two billion times.
 */
export const variance = defineSqlMeasure({
  name: "variance",
  // Any decimal: the scale is that of the column it is given.
  input: [decimal(0)],
  cells: {
    n: { combine: "sum", of: () => 1, sql: () => sql`1` },
    total: { combine: "sum", of: (x) => x, sql: (x) => x },
    squares: { combine: "sum", of: (x) => x * x, sql: (x) => sql`${x} * ${x}` },
  },
  // In integers up to the one division: a difference of two large doubles would be noise.
  present: ({ n, total, squares }, [scale]) => (n === 0n ? null : Number(n * squares - total * total) / Number(n * n) / 100 ** scale),
});
// endregion
