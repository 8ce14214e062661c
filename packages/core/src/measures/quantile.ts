import { describe } from "../configuration/names.js";
import type { Column } from "../expressions/column.js";
import type { Numeric } from "../streams/column-type.js";
import { quantileOf } from "./dd-sketch.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { sketchCell } from "./present-number.js";

/**
 * The `q`-quantile (0.5 is the median) of a column, nulls left out, within 1 % of a value of that rank; null where no
 * event had a value. A DDSketch that never collapses, so the bound holds for small quantiles too.
 */
export function quantile(column: Column<string, Numeric, unknown>, q: number): Measure<number | null> {
  const { expression, definition, problems } = inputColumn("quantile", column, ["int64", "decimal", "float64"]);
  const inRange = typeof q === "number" && q >= 0 && q <= 1;
  const unit = 10 ** (definition.scale ?? 0);
  return measure({
    columns: [expression],
    problems: inRange ? problems : [...problems, `a quantile lies between 0 and 1, not at ${describe(q)}`],
    identity: `dd(${expression.name}, ${q})`,
    named: (name) => ({
      cells: [{ name, type: "sketch", combine: "sumByKey", input: { of: "coordinate", coordinate: { kind: "dd", column: expression.name } } }],
      present: ([bytes]) => {
        const value = quantileOf(sketchCell(bytes), q);
        return value === null ? null : value / unit;
      },
      presentation: { of: "quantile", column: definition, q },
    }),
  });
}
