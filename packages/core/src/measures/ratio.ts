import type { ColumnExpression } from "../expressions/column.js";
import type { CellValue } from "./cell.js";
import { MeasureExpression, measure } from "./measure.js";
import type { Measure, NamedMeasure } from "./measure.js";

/**
 * One measure divided by another when presenting, after everything is merged: `ratio(count().where(c.level.eq("paid")),
 * count())`. Null where the divisor is 0 or either side is null.
 */
export function ratio(numerator: Measure<number | bigint | null>, denominator: Measure<number | bigint | null>): Measure<number | null> {
  const problems: string[] = [];
  const columns: ColumnExpression[] = [];
  const [over, under] = [numerator, denominator].map((part: unknown) => {
    if (part instanceof MeasureExpression) {
      problems.push(...part.problems);
      columns.push(...part.columns);
      return part;
    }
    problems.push("ratio needs two measures such as count()");
    return undefined;
  });
  return measure({
    columns,
    problems,
    identity: `ratio(${over?.identity}, ${under?.identity})`,
    named: (name) => {
      const a: NamedMeasure = over?.named(`${name}__num`) ?? { cells: [], present: () => null };
      const b: NamedMeasure = under?.named(`${name}__den`) ?? { cells: [], present: () => null };
      return {
        cells: [...a.cells, ...b.cells],
        present: (cells: readonly CellValue[]) => {
          const divisor = b.present(cells.slice(a.cells.length));
          const dividend = a.present(cells.slice(0, a.cells.length));
          if (dividend === null || divisor === null || Number(divisor) === 0) return null;
          return Number(dividend) / Number(divisor);
        },
        ...(a.presentation === undefined || b.presentation === undefined
          ? {}
          : { presentation: { of: "ratio" as const, over: { cells: a.cells.length, presentation: a.presentation }, under: { cells: b.cells.length, presentation: b.presentation } } }),
      };
    },
  });
}
