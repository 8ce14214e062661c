import type { Column } from "../expressions/column.js";
import type { Numeric } from "../streams/column-type.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { exactCell, presentExact } from "./present-number.js";

/**
 * The sum of a column, nulls left out; 0 when there is nothing to add. Exact for `int64` and `decimal` (beyond int64 an
 * `OverflowError`), presented as the column is; inexact for `float64`, where the order of adding shows in the last digits.
 */
export function sum<T>(column: Column<string, Numeric, T>): Measure<T & {}> {
  const { expression, definition, problems } = inputColumn("sum", column, ["int64", "decimal", "float64"]);
  return measure({
    columns: [expression],
    problems,
    identity: `sum(${expression.name})`,
    named: (name) => ({
      cells: [
        { name, type: definition.kind === "float64" ? "float64" : "int64", combine: "sum", input: { of: "value", column: expression.name } },
      ],
      present: ([value]) => presentExact(name, definition, exactCell(value)),
      presentation: { of: "value", column: definition },
    }),
  });
}
