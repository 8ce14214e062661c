import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { presentCount } from "./present-number.js";

/** The number of events. */
export function count(): Measure<number> {
  return measure({
    columns: [],
    problems: [],
    identity: "count",
    named: (name) => ({
      cells: [{ name, type: "int64", combine: "sum", input: { of: "one" } }],
      present: ([value]) => presentCount(name, value ?? null),
      presentation: { of: "value" },
    }),
  });
}
