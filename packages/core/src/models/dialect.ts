import type { Column } from "../expressions/column.js";
import type { SqlDialect } from "../ports/sql-dialect.js";
import type { Kind } from "../streams/column-definition.js";
import { EVERY_MS } from "../views/view-definition.js";
import type { Every } from "../views/view-definition.js";
import { SqlFragment, fragmentOf, sqlOf } from "./sql.js";
import type { Sql } from "./sql.js";

/** What engines write differently, for a model's SQL that is written once. */
export interface Dialect {
  /** A 64-bit surrogate key: a hash of natural keys, equal on every rebuild and in every engine. */
  key(...parts: readonly (Column<string, Kind, unknown> | Sql)[]): Sql;
  /** The UTC date of an instant. */
  dateOf(instant: Column<string, "timestamp", unknown> | Sql): Sql;
  /** The start of the second, minute or hour of an instant, in UTC. */
  startOf(every: Every, instant: Column<string, "timestamp", unknown> | Sql): Sql;
  /** Epoch milliseconds of an instant, a 64-bit integer. */
  epochMs(instant: Column<string, "timestamp", unknown> | Sql): Sql;
  /** The instant of epoch milliseconds, a whole number. */
  instant(epochMs: Column<string, "int64", unknown> | Sql): Sql;
}

function printed(parts: readonly unknown[], print: (dialect: SqlDialect, parts: readonly string[]) => string): Sql {
  const fragments = parts.map((part) => fragmentOf(part));
  return sqlOf(
    new SqlFragment(
      (context) => print(context.dialect, fragments.map((fragment) => fragment.print(context))),
      fragments.flatMap(({ problems }) => problems),
    ),
  );
}

/** The helper that `sql` of a model is given: it names what is wanted, the engine's {@link SqlDialect} writes it. */
export const dialectHelper: Dialect = {
  key: (...parts) => printed(parts, (dialect, columns) => dialect.surrogateKey(columns)),
  dateOf: (instant) => printed([instant], (dialect, [timestamp]) => dialect.dateOf(timestamp!)),
  startOf: (every, instant) => printed([instant], (dialect, [timestamp]) => dialect.windowStart(timestamp!, EVERY_MS[every])),
  epochMs: (instant) => printed([instant], (dialect, [timestamp]) => dialect.epochMs(timestamp!)),
  instant: (epochMs) => printed([epochMs], (dialect, [ms]) => dialect.timestamp(ms!)),
};
