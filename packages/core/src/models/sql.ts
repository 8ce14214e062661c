import { describe } from "../configuration/names.js";
import { ColumnExpression } from "../expressions/column.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { carried } from "../streams/carried-type.js";

/** A piece of SQL with its values bound. The {@link sql} template and the {@link Dialect} make it. */
export interface Sql {
  readonly [carried]: "sql";
}

/** What may stand in an {@link sql} template: a table, a column, another piece, or a value. */
export type SqlPart = { readonly [carried]: unknown } | string | number | bigint | boolean | Date | null;

/** What a model's tables are called in an engine, and how the engine writes SQL. */
export interface SqlContext {
  readonly dialect: SqlDialect;
  /** FROM-able name or expression by the name in the model's `from`. */
  readonly tables: Readonly<Record<string, string>>;
}

/** What is behind every {@link Sql}: how it prints, and what was wrong when it was written. */
export class SqlFragment {
  constructor(
    readonly print: (context: SqlContext) => string,
    readonly problems: readonly string[] = [],
  ) {}
}

/** A column of one of a model's tables; prints as `"plays"."song"`. */
export class TableColumn extends ColumnExpression {
  constructor(
    readonly table: string,
    ...column: ConstructorParameters<typeof ColumnExpression>
  ) {
    super(...column);
  }
}

/** The FROM-able piece of each table: a table is all columns, so what it prints lies beside it. */
export const tableFragments = new WeakMap<object, SqlFragment>();

/**
 * SQL with values bound: a table prints as `(...) AS "plays"` for FROM, a column as `"plays"."song"`, and every other value
 * as a literal that the engine's dialect escapes. Only the template's own text is taken as SQL.
 *
 * @example
 * defineModel({
 *   name: "paid_song", from: { plays }, columns: { song_key: int64("bigint"), song: text() }, key: ["song_key"], partitioned: "whole",
 *   sql: ({ plays }, d) => sql`select distinct ${d.key(plays.song)} as song_key, ${plays.song} from ${plays} where ${plays.level} = ${"paid"}`,
 * });
 */
export function sql(text: TemplateStringsArray, ...parts: readonly SqlPart[]): Sql {
  const fragments = parts.map((part) => fragmentOf(part));
  return sqlOf(
    new SqlFragment(
      (context) => text.reduce((printed, piece, i) => printed + fragments[i - 1]!.print(context) + piece),
      fragments.flatMap(({ problems }) => problems),
    ),
  );
}

/** The piece behind a part of a template. */
export function fragmentOf(part: unknown): SqlFragment {
  if (part instanceof SqlFragment) return part;
  const table = typeof part === "object" && part !== null ? tableFragments.get(part) : undefined;
  if (table !== undefined) return table;
  if (part instanceof TableColumn) {
    return new SqlFragment(({ dialect }) => `${dialect.identifier(part.table)}.${dialect.identifier(part.name)}`);
  }
  if (part instanceof ColumnExpression) return new SqlFragment(() => "", [`"${part.name}" is a column of a view, not of a table of this model`]);
  if (part === null || typeof part === "string" || typeof part === "bigint" || typeof part === "boolean") {
    return new SqlFragment(({ dialect }) => dialect.literal(part));
  }
  if (typeof part === "number" && Number.isFinite(part)) return new SqlFragment(({ dialect }) => dialect.literal(part));
  if (part instanceof Date && !Number.isNaN(part.getTime())) return new SqlFragment(({ dialect }) => dialect.literal(part));
  return new SqlFragment(() => "", [`${describe(part)} is no table, column, SQL or value`]);
}

/** The only place where a piece of SQL takes on the type that it carries. */
export function sqlOf(fragment: SqlFragment): Sql {
  return fragment as unknown as Sql;
}
