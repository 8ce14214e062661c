import type { Column } from "../expressions/column.js";
import { ColumnExpression } from "../expressions/column.js";
import type { ColumnDefinition, Kind } from "../streams/column-definition.js";

/**
 * The column that a measure reads, checked: types stop a wrong kind already, plain JavaScript learns of it with the
 * view's other problems. A column that does not exist is reported by whoever made the stand-in.
 */
export function inputColumn(
  measure: string,
  column: Column<string, Kind, unknown>,
  kinds?: readonly Kind[],
): { readonly expression: ColumnExpression; readonly definition: ColumnDefinition; readonly problems: readonly string[] } {
  const expression: unknown = column;
  if (!(expression instanceof ColumnExpression)) {
    return { expression: STAND_IN, definition: STAND_IN_DEFINITION, problems: [`${measure} needs a column such as c.duration`] };
  }
  const definition = expression.definition ?? STAND_IN_DEFINITION;
  const wrong = expression.definition !== undefined && kinds !== undefined && !kinds.includes(definition.kind);
  return {
    expression,
    definition,
    problems: wrong ? [`${measure} takes ${kinds.join(", ")}; "${expression.name}" is ${definition.kind}`] : [],
  };
}

const STAND_IN_DEFINITION: ColumnDefinition = { kind: "int64", as: "number", optional: false, source: { in: "value", path: [] } };
const STAND_IN = new ColumnExpression("", undefined);
