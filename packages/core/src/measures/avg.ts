import type { Column } from "../expressions/column.js";
import type { Numeric } from "../streams/column-type.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { exactCell } from "./present-number.js";

/**
 * The mean of a column, nulls left out; null where no event had a value. Kept as an exact sum and a count, divided when
 * presenting, as a double.
 */
export function avg(column: Column<string, Numeric, unknown>): Measure<number | null> {
  const { expression, definition, problems } = inputColumn("avg", column, ["int64", "decimal", "float64"]);
  const input = expression.name;
  const unit = 10 ** (definition.scale ?? 0);
  return measure({
    columns: [expression],
    problems,
    identity: `avg(${input})`,
    named: (name) => ({
      cells: [
        { name: `${name}__sum`, type: definition.kind === "float64" ? "float64" : "int64", combine: "sum", input: { of: "value", column: input } },
        { name: `${name}__count`, type: "int64", combine: "sum", input: { of: "notNull", column: input } },
      ],
      present: ([total, events]) => {
        const n = Number(exactCell(events));
        return n === 0 ? null : Number(exactCell(total)) / (n * unit);
      },
      presentation: { of: "mean", column: definition },
    }),
  });
}
