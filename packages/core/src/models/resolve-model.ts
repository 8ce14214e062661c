import { checkIdentifier, describe, unknownName } from "../configuration/names.js";
import { fingerprintOf } from "../configuration/fingerprint.js";
import { Problems } from "../configuration/problems.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { ColumnDefinition } from "../streams/column-definition.js";
import { resolveColumns } from "../streams/define-stream.js";
import { streamIdentity } from "../streams/stream-identity.js";
import type { Columns } from "../streams/stream.js";
import type { ModelDeclaration } from "./define-model.js";
import { dialectHelper } from "./dialect.js";
import type { Dialect } from "./dialect.js";
import type { Model } from "./model.js";
import type { ModelDefinition, ModelInput } from "./model-definition.js";
import { NEUTRAL_DIALECT } from "./neutral-dialect.js";
import { tableOf } from "./model-table.js";
import type { ModelSource } from "./model-table.js";
import { SqlFragment } from "./sql.js";
import type { Sql } from "./sql.js";

/** A declaration of any columns and tables. */
export type AnyModelDeclaration = Omit<ModelDeclaration<string, Columns, Record<string, ModelSource>>, "sql"> & {
  readonly sql: (tables: never, dialect: Dialect) => Sql;
};

/**
 * What the layers work from, of a declaration. Beside the declared columns the table has `own`: Millrace's, whose names
 * users cannot take.
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function resolveModel(declaration: AnyModelDeclaration, own: Readonly<Record<string, ColumnDefinition>> = {}): ModelDefinition {
  const problems = new Problems();
  const { name, partitioned } = declaration;
  checkIdentifier(name, "name", problems);
  if (partitioned !== "date" && partitioned !== "whole") problems.add("partitioned", `${describe(partitioned)} is neither "date" nor "whole"`);
  // Versions and dates are folders of the table, which engines read as columns.
  const declared = resolveColumns(declaration.columns, problems, partitioned === "date" ? ["date", "version"] : ["version"]);
  const columns = Object.freeze({ ...declared, ...own });
  const key: unknown = declaration.key;
  if (!Array.isArray(key) || key.length === 0) problems.add("key", "must be a list of at least one column");
  else key.forEach((column: unknown, i) => checkColumn(column, `key[${i}]`, columns, problems));
  const from = resolveInputs(declaration.from ?? {}, problems);
  if (Object.keys(from).length === 0 && partitioned === "date") problems.add("from", "a table by date needs a stream or a model that says which dates there are");
  const reach = { before: days("before"), after: days("after") };
  const references = resolveReferences(declaration.references ?? {}, columns, problems);
  const valid = resolveValid();
  const { oneRowPer } = declaration;
  if (oneRowPer !== undefined && from[oneRowPer]?.from !== "stream") problems.add("oneRowPer", `${describe(oneRowPer)} is no stream of \`from\``);

  const select = (tables: Readonly<Record<string, string>>, dialect: SqlDialect, found?: Problems): string => {
    const given = Object.fromEntries(Object.entries(from).map(([table, input]) => [table, tableOf(table, input, found)]));
    const written: unknown = declaration.sql(given as never, dialectHelper);
    if (!(written instanceof SqlFragment)) {
      found?.add("sql", "must give what the sql`...` template makes");
      return "";
    }
    for (const problem of written.problems) found?.add("sql", problem);
    return written.print({ dialect, tables });
  };
  let printed = "";
  if (typeof declaration.sql === "function") printed = select(Object.fromEntries(Object.keys(from).map((table) => [table, `<${table}>`])), NEUTRAL_DIALECT, problems);
  else problems.add("sql", "must be a function of the tables and the dialect");
  problems.throwIfAny(`defining model ${describe(name)}`);

  return Object.freeze({
    name,
    from,
    columns,
    key: Object.freeze([...declaration.key]),
    partitioned,
    reach,
    references,
    ...(valid === undefined ? {} : { valid }),
    ...(oneRowPer === undefined ? {} : { oneRowPer }),
    sql: (tables: Readonly<Record<string, string>>, dialect: SqlDialect) => select(tables, dialect),
    fingerprint: fingerprintOf({
      name,
      sql: printed,
      columns: Object.entries(columns).map(([column, { source: _, ...type }]) => [column, type]),
      key,
      partitioned,
      reach,
      valid,
      from: Object.entries(from).map(([table, input]) => [table, input.from === "model" ? input.model.fingerprint : streamIdentity(input.stream)]),
    }),
  });

  function resolveValid(): ModelDefinition["valid"] {
    const declared = declaration.valid;
    if (declared === undefined) return undefined;
    if (partitioned === "date") problems.add("valid", "only a whole table has rows that hold for a time");
    for (const side of ["from", "until"] as const) {
      const column = declared[side];
      checkColumn(column, `valid.${side}`, columns, problems);
      if (Object.hasOwn(columns, column) && columns[column]!.kind !== "timestamp") problems.add(`valid.${side}`, `"${column}" must be a timestamp column`);
    }
    return Object.freeze({ from: declared.from, until: declared.until });
  }

  function days(side: "before" | "after"): number {
    const value = declaration.reach?.[side] ?? 0;
    if (!Number.isSafeInteger(value) || value < 0) problems.add(`reach.${side}`, `must be a whole number of days, not ${describe(value)}`);
    else if (value > 0 && partitioned === "whole") problems.add(`reach.${side}`, "a whole table is rebuilt as one: only one by date has a reach");
    return value;
  }
}

function checkColumn(column: unknown, path: string, columns: Readonly<Record<string, ColumnDefinition>>, problems: Problems): void {
  if (typeof column !== "string" || !Object.hasOwn(columns, column)) problems.add(path, `no column ${unknownName(String(column), Object.keys(columns))}`);
}

function resolveInputs(from: Readonly<Record<string, ModelSource>>, problems: Problems): Record<string, ModelInput> {
  const inputs: Record<string, ModelInput> = {};
  for (const [table, source] of Object.entries(from)) {
    checkIdentifier(table, `from.${table}`, problems);
    const definition = (source as ModelSource | undefined)?.definition;
    if (definition === undefined) problems.add(`from.${table}`, `${describe(source)} is neither a stream nor a model`);
    else inputs[table] = "topic" in definition ? { from: "stream", stream: definition } : { from: "model", model: definition };
  }
  return Object.freeze(inputs);
}

function resolveReferences(
  references: { readonly [name: string]: Model<string, Columns> | undefined },
  columns: Readonly<Record<string, ColumnDefinition>>,
  problems: Problems,
): Record<string, ModelDefinition> {
  const resolved: Record<string, ModelDefinition> = {};
  for (const [column, model] of Object.entries(references)) {
    const path = `references.${column}`;
    checkColumn(column, path, columns, problems);
    const definition = model?.definition;
    if (definition === undefined) problems.add(path, `${describe(model)} is not a model`);
    else if (definition.key.length !== 1) problems.add(path, `"${definition.name}" has a key of ${definition.key.length} columns; only a single one can be referred to`);
    else resolved[column] = definition;
  }
  return Object.freeze(resolved);
}
