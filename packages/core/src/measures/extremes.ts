import type { Column } from "../expressions/column.js";
import type { Numeric } from "../streams/column-type.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { exactCell, presentExact } from "./present-number.js";

/** The smallest value of a column, null where no event had one. */
export function min<T>(column: Column<string, Numeric | "timestamp", T>): Measure<(T & {}) | null> {
  return extreme("min", column);
}

/** The largest value of a column, null where no event had one. */
export function max<T>(column: Column<string, Numeric | "timestamp", T>): Measure<(T & {}) | null> {
  return extreme("max", column);
}

function extreme<T>(combine: "min" | "max", column: Column<string, Numeric | "timestamp", T>): Measure<(T & {}) | null> {
  const { expression, definition, problems } = inputColumn(combine, column, ["int64", "decimal", "float64", "timestamp"]);
  return measure({
    columns: [expression],
    problems,
    identity: `${combine}(${expression.name})`,
    named: (name) => ({
      cells: [{ name, type: definition.kind === "float64" ? "float64" : "int64", combine, input: { of: "value", column: expression.name } }],
      present: ([value]) => (value === null || value === undefined ? null : presentExact(name, definition, exactCell(value))),
      presentation: { of: "value", column: definition },
    }),
  });
}
