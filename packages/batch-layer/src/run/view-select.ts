import { cellSql, EVERY_MS, type SqlDialect, type ViewDefinition } from "@millrace/core";

/** The name of the window's column in a view's table. */
export const WINDOW_START = "window_start";

/** Whether SQL can compute every cell of a view: measures of the user's own are folded in TypeScript. */
export function isSqlView(view: ViewDefinition): boolean {
  return view.cells.every(({ combine, input }) => combine !== "custom" && input.of !== "values");
}

/** The columns of a view's table, by SQL type, in order: window, dimensions, cells. */
export function viewTableColumns(view: ViewDefinition, dialect: SqlDialect): Readonly<Record<string, string>> {
  const columns: Record<string, string> = { [WINDOW_START]: "TIMESTAMP" };
  for (const name of view.by) {
    const column = view.from.columns[name]!;
    columns[name] = column.kind === "timestamp" ? "TIMESTAMP" : dialect.columnType(column);
  }
  for (const cell of view.cells) columns[cell.name] = dialect.cellType(cell.type);
  return columns;
}

/** The order of a view's table: a total one, since window and dimensions are its key. */
export function viewOrder(view: ViewDefinition, dialect: SqlDialect): string {
  return [WINDOW_START, ...view.by].map((name) => `${dialect.identifier(name)} ASC NULLS FIRST`).join(", ");
}

/** The SELECT that computes a view's rows from `events`, a FROM-able expression of its stream's rows. */
export function viewSelect(view: ViewDefinition, events: string, dialect: SqlDialect): string {
  const { columns } = view.from;
  const window = dialect.windowStart(dialect.identifier(view.from.eventTime), EVERY_MS[view.every]);
  const dimensions = view.by.map((name) => dialect.identifier(name));
  const cells = view.cells.map((cell) => `${cellSql(cell, columns, dialect)} AS ${dialect.identifier(cell.name)}`);
  const where = view.where === undefined ? "" : ` WHERE ${dialect.predicate(view.where, columns)}`;
  return (
    `SELECT ${[`${window} AS ${dialect.identifier(WINDOW_START)}`, ...dimensions, ...cells].join(", ")} FROM ${events} AS events${where} ` +
    `GROUP BY ${[window, ...dimensions].join(", ")} ORDER BY ${viewOrder(view, dialect)}`
  );
}
