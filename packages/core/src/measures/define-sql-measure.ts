import { checkIdentifier, describe } from "../configuration/names.js";
import { Problems } from "../configuration/problems.js";
import type { Column } from "../expressions/column.js";
import { NEUTRAL_DIALECT } from "../models/neutral-dialect.js";
import { SqlFragment, sqlOf } from "../models/sql.js";
import type { Sql } from "../models/sql.js";
import type { ColumnDefinition, Kind } from "../streams/column-definition.js";
import type { ColumnType } from "../streams/column-type.js";
import type { CellValue } from "./cell.js";
import type { ComputedInput } from "./computed-input.js";
import { inputColumn } from "./input-column.js";
import type { Measure } from "./measure.js";
import { measure } from "./measure.js";
import { exactCell } from "./present-number.js";

/** Kinds whose values are exact in every engine. */
export type ExactKind = Exclude<Kind, "float64">;

/** A column's value in the functions of a {@link SqlMeasureDeclaration}: whole numbers, decimals and instants as exact integers. */
export type ExactValue<K extends Kind> = K extends "text" ? string : K extends "boolean" ? boolean : bigint;

/** One whole number that a measure keeps: how it combines, and what each event adds to it. */
export interface SqlMeasureCell<In extends readonly ColumnType<ExactKind>[]> {
  readonly combine: "sum" | "min" | "max";
  /** Of one event, in exact integers. Null adds nothing. */
  readonly of: (...values: { [I in keyof In]: ExactValue<In[I]["kind"]> }) => number | bigint | null;
  /** The same in SQL, over the same integers (128 bits wide or more). */
  readonly sql: (...columns: { [I in keyof In]: Sql }) => Sql;
}

/** What the cells of a measure hold when it is presented: a sum of nothing is 0, a smallest or largest of nothing null. */
export type CellTotals<Cells extends Readonly<Record<string, { readonly combine: string }>>> = {
  readonly [N in keyof Cells]: Cells[N]["combine"] extends "sum" ? bigint : bigint | null;
};

/** A measure of your own that SQL engines can compute: see {@link defineSqlMeasure}. */
export interface SqlMeasureDeclaration<In extends readonly ColumnType<ExactKind>[], Cells extends Readonly<Record<string, SqlMeasureCell<In>>>, Out> {
  readonly name: string;
  /** Raise it when `of` changes its meaning: views are then rebuilt. Changed SQL is seen without it. Default 1. */
  readonly version?: number;
  /** The columns it takes, by kind; they may be optional. Events with a null among them add nothing. */
  readonly input: In;
  /** By name, an identifier without `__`. */
  readonly cells: Cells;
  /** `scales`: the digits after the point of each input that is a decimal, whose values are in units of the last one; 0 for others. */
  readonly present: (totals: CellTotals<Cells>, scales: { [I in keyof In]: number }) => Out;
}

/**
 * A measure of your own, kept as a few exact integers of which every event adds one to each: by a function in the speed
 * layer, by SQL in the batch layer. It obeys the laws of merging whatever it computes; what is left to prove is that
 * function and SQL agree, which `measureLaws` does when it is given an engine.
 *
 * @example
 * const meanSquare = defineSqlMeasure({
 *   name: "mean_square",
 *   input: [int64()],
 *   cells: {
 *     n: { combine: "sum", of: () => 1, sql: () => sql`1` },
 *     squares: { combine: "sum", of: (x) => x * x, sql: (x) => sql`${x} * ${x}` },
 *   },
 *   present: ({ n, squares }) => (n === 0n ? null : Number(squares) / Number(n)),
 * });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineSqlMeasure<
  const In extends readonly ColumnType<ExactKind>[],
  const Cells extends Readonly<Record<string, SqlMeasureCell<In>>>,
  Out,
>(
  declaration: SqlMeasureDeclaration<In, Cells, Out>,
): (...columns: { [I in keyof In]: Column<string, In[I]["kind"], unknown> }) => Measure<Out> {
  const { name: kind, version = 1, input, present } = declaration;
  const wrong = new Problems();
  checkIdentifier(kind, "name", wrong);
  if (!Number.isSafeInteger(version) || version < 1) wrong.add("version", "must be a whole number of at least 1");
  if (!Array.isArray(input) || input.some((column) => column?.definition === undefined)) wrong.add("input", "must be a list of column types such as int64()");
  else if (input.some((column: ColumnType) => column.kind === "float64")) wrong.add("input", "float64 is not exact: declare the column as decimal(scale)");
  if (typeof present !== "function") wrong.add("present", "must be a function");
  const cells = Object.entries(declaration.cells ?? {});
  if (cells.length === 0) wrong.add("cells", "there must be at least one");
  for (const [name, cell] of cells) {
    checkIdentifier(name, `cells.${name}`, wrong);
    if (name.includes("__")) wrong.add(`cells.${name}`, `"${name}" has "__" in it, which parts the names of a measure's own columns`);
    if (!["sum", "min", "max"].includes(cell?.combine)) wrong.add(`cells.${name}.combine`, `${describe(cell?.combine)} is none of "sum", "min", "max"`);
    for (const part of ["of", "sql"] as const) if (typeof cell?.[part] !== "function") wrong.add(`cells.${name}.${part}`, "must be a function of the columns");
  }
  wrong.throwIfAny(`defining measure "${String(kind)}"`);

  const fragments = cells.map(([name, cell]) => {
    const given = input.map((_, i) => sqlOf(columnFragment(i)));
    const written: unknown = cell.sql(...(given as never));
    if (!(written instanceof SqlFragment)) wrong.add(`cells.${name}.sql`, "must give what the sql`...` template makes");
    else for (const problem of written.problems) wrong.add(`cells.${name}.sql`, problem);
    return written as SqlFragment;
  });
  wrong.throwIfAny(`defining measure "${kind}"`);

  return (...columns) => {
    const given = input.map((type, i) => inputColumn(kind, columns[i]!, [type.kind]));
    const names = given.map(({ expression }) => expression.name);
    const scales = given.map(({ definition }) => definition.scale ?? 0);
    const print = (fragment: SqlFragment, dialect: Parameters<ComputedInput["sql"]>[0], definitions: Parameters<ComputedInput["sql"]>[1]): string =>
      fragment.print({ dialect, tables: Object.fromEntries(names.map((name, i) => [i, integerSql(dialect, name, definitions[name]!)])) });
    const own = Object.fromEntries(given.map(({ expression, definition }) => [expression.name, definition]));
    return measure({
      columns: given.map(({ expression }) => expression),
      problems: [
        ...given.flatMap(({ problems }) => problems),
        ...(columns.length === input.length ? [] : [`${kind} takes ${input.length} columns, not ${columns.length}`]),
      ],
      identity: `${kind}@${version}(${names.join(", ")}) ${cells.map(([name, { combine }], i) => `${name}: ${combine}(${print(fragments[i]!, NEUTRAL_DIALECT, own)})`).join(", ")}`,
      named: (name) => ({
        cells: cells.map(([cell, { combine, of }], i) => ({
          name: `${name}__${cell}`,
          type: "int64",
          combine,
          input: { of: "computed", columns: names, compute: of as ComputedInput["compute"], sql: (dialect, definitions) => print(fragments[i]!, dialect, definitions) },
        })),
        present: (values) => present(Object.fromEntries(cells.map(([cell], i) => [cell, total(values[i])])) as CellTotals<Cells>, scales as never),
      }),
    });
  };
}

const total = (value: CellValue | undefined): bigint | null => (value === null ? null : BigInt(exactCell(value)));

/** The i-th input: which column it is, and how an engine writes it, is known when it is printed. */
function columnFragment(i: number): SqlFragment {
  return new SqlFragment(({ tables }) => tables[i]!);
}

function integerSql(dialect: Parameters<ComputedInput["sql"]>[0], name: string, definition: ColumnDefinition): string {
  const column = dialect.identifier(name);
  return definition.kind === "text" || definition.kind === "boolean" ? column : dialect.insideInteger(column, definition);
}
