import type { ColumnDefinition, ModelDefinition, SqlColumn, SqlDialect } from "@millrace/core";

const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|INT|BIGINT)$|^HUGEINT$/;
const ACCEPTED: Readonly<Record<ColumnDefinition["kind"], RegExp>> = {
  int64: INTEGER,
  decimal: /^(DECIMAL\(|DECIMAL$|U?(TINYINT|SMALLINT|INTEGER|INT|BIGINT)$|HUGEINT$)/,
  float64: /^(DOUBLE|FLOAT|REAL)/,
  text: /^(VARCHAR|STRING|CHAR|UUID|ENUM|DATE$)/,
  boolean: /^BOOLEAN/,
  timestamp: /^(TIMESTAMP|DATE$)/,
};

/** What is wrong with the columns that an engine describes for a model's SELECT; empty when they are as declared. */
export function columnProblems(model: ModelDefinition, described: readonly SqlColumn[]): readonly string[] {
  const problems: string[] = [];
  const declared = Object.entries(model.columns);
  declared.forEach(([name, column], i) => {
    const given = described[i];
    if (given === undefined) problems.push(`column "${name}" is missing`);
    else if (given.name !== name) problems.push(`column ${i + 1} is "${given.name}", declared is "${name}"`);
    else if (given.type !== '"NULL"' && given.type !== "VOID" && !ACCEPTED[column.kind].test(given.type)) problems.push(`column "${name}" is ${given.type}, declared is ${column.kind}`);
    else if (column.kind === "decimal") {
      const scale = Number(/^DECIMAL\(\d+, ?(\d+)\)/.exec(given.type)?.[1] ?? 0);
      if (scale > (column.scale ?? 0)) problems.push(`column "${name}" is ${given.type}, declared is decimal(${column.scale}): digits would be lost`);
    }
  });
  for (const { name } of described.slice(declared.length)) problems.push(`column "${name}" is not declared`);
  return problems;
}

/** The columns of a model's table by SQL type. */
export function modelTableColumns(model: ModelDefinition, dialect: SqlDialect): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(model.columns).map(([name, column]) => [name, column.kind === "timestamp" ? "TIMESTAMP" : dialect.columnType(column)]));
}

/** The column that says to which date a row of a model with a reach belongs: its first timestamp. */
export function dateColumn(model: ModelDefinition): string | undefined {
  return Object.entries(model.columns).find(([, { kind }]) => kind === "timestamp")?.[0];
}

/** The model's SELECT with the declared types, in the order of its key; of one date (its epoch ms) where the model has a reach. */
export function modelSelect(model: ModelDefinition, select: string, dialect: SqlDialect, day?: { readonly from: number; readonly until: number }): string {
  const types = modelTableColumns(model, dialect);
  const columns = Object.keys(model.columns).map((name) => `CAST(${dialect.identifier(name)} AS ${types[name]!}) AS ${dialect.identifier(name)}`);
  // A total order, or the check of the key fails the run.
  const order = model.key.map((name) => `${dialect.identifier(name)} ASC NULLS FIRST`);
  const column = day === undefined ? undefined : dialect.identifier(dateColumn(model)!);
  const where = day === undefined ? "" : ` WHERE ${column} >= ${dialect.literal(new Date(day.from))} AND ${column} < ${dialect.literal(new Date(day.until))}`;
  return `SELECT ${columns.join(", ")} FROM (${select}) AS model${where} ORDER BY ${order.join(", ")}`;
}
