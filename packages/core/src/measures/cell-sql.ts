import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { coordinateName } from "./coordinate-name.js";
import type { MeasureCell } from "./measure-definition.js";

/**
 * The aggregate that computes a cell from the events of a group, of the cell's type: what the fold gives, for events in
 * any order.
 *
 * @throws {TypeError} for a cell of a custom measure, which is folded in TypeScript.
 */
export function cellSql(cell: MeasureCell, columns: Readonly<Record<string, ColumnDefinition>>, dialect: SqlDialect): string {
  const { input, combine, type } = cell;
  const condition = cell.where === undefined ? undefined : dialect.predicate(cell.where, columns);
  const filter = condition === undefined ? "" : ` FILTER (WHERE ${condition})`;
  switch (input.of) {
    case "one":
      return `count(*)${filter}`;
    case "notNull":
      return `count(${dialect.identifier(input.column)})${filter}`;
    case "coordinate":
      if (combine !== "maxByKey" && combine !== "sumByKey") break;
      return dialect.sketch(combine, dialect.identifier(coordinateName(input.coordinate)), condition);
    case "value": {
      if (combine !== "sum" && combine !== "min" && combine !== "max") break;
      const column = columns[input.column]!;
      const name = dialect.identifier(input.column);
      const aggregate = `${combine === "sum" && column.kind === "int64" ? dialect.wideSum(name) : `${combine}(${name})`}${filter}`;
      const value = combine === "sum" ? `coalesce(${aggregate}, 0)` : aggregate;
      if (type === "float64") return value;
      if (column.kind === "timestamp") return dialect.epochMs(value);
      // The cast fails where the result is wider than 64 bits, instead of wrapping.
      if (column.kind === "decimal") return `CAST(${value} * CAST(1${"0".repeat(column.scale ?? 0)} AS DECIMAL(19, 0)) AS BIGINT)`;
      return `CAST(${value} AS BIGINT)`;
    }
    case "computed": {
      const filled = input.columns.filter((name) => columns[name]!.optional).map((name) => `${dialect.identifier(name)} IS NOT NULL`);
      const conditions = condition === undefined ? filled : [condition, ...filled];
      const aggregate = `${combine}(${input.sql(dialect, columns)})${conditions.length === 0 ? "" : ` FILTER (WHERE ${conditions.join(" AND ")})`}`;
      return `CAST(${combine === "sum" ? `coalesce(${aggregate}, 0)` : aggregate} AS BIGINT)`;
    }
    case "values":
      break;
  }
  throw new TypeError(`computing cell "${cell.name}" in SQL: it is folded in TypeScript`);
}
