import type { Columns } from "../streams/stream.js";
import type { Dialect } from "./dialect.js";
import type { Model } from "./model.js";
import type { ModelSource, ModelTable } from "./model-table.js";
import { resolveModel } from "./resolve-model.js";
import type { Sql } from "./sql.js";

/** What {@link defineModel} takes. */
export interface ModelDeclaration<Name extends string, C extends Columns, D extends Record<string, ModelSource>> {
  /** An identifier: the table's name. */
  readonly name: Name;
  /** What it reads, by the name that its SQL uses: a stream stands for its master dataset. A whole table may read nothing. */
  readonly from: D;
  /** The columns that the SQL gives, in order; compared with what the engine describes. */
  readonly columns: C;
  /** Unique together: checked before publication. */
  readonly key: readonly (keyof C & string)[];
  /** `date`: rebuilt for changed event dates only, from those dates. `whole`: rebuilt as one table. */
  readonly partitioned: "date" | "whole";
  /** Dates before and after a changed one that must be rebuilt too, in days, for SQL that looks at neighbouring dates. Default none. */
  readonly reach?: { readonly before?: number; readonly after?: number };
  /**
   * The instants from and before which a row of a whole table holds, null: since ever, for ever. A table by date that
   * reads it is given the rows that hold on its date, and is rebuilt for the dates on which other rows hold than before.
   */
  readonly valid?: { readonly from: keyof C & string; readonly until: keyof C & string };
  /** A stream of `from` each of whose events has exactly one row: the rows must be as many as the manifests count. */
  readonly oneRowPer?: keyof D & string;
  /** The SELECT. It is called again for every engine and must give the same SQL every time. */
  readonly sql: (tables: { readonly [T in keyof D]: ModelTable<D[T]> }, dialect: Dialect) => Sql;
  /** Columns whose values must be among the keys of another model: checked before publication. */
  readonly references?: { readonly [N in keyof C]?: Model<string, Columns> };
}

/**
 * A SQL table of the warehouse, rebuilt by every batch run that changes what it reads.
 *
 * @example
 * const dimSong = defineModel({
 *   name: "dim_song", from: { plays }, columns: { song_key: int64("bigint"), song: text() }, key: ["song_key"], partitioned: "whole",
 *   sql: ({ plays }, d) => sql`select distinct ${d.key(plays.song)} as song_key, ${plays.song} from ${plays}`,
 * });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineModel<const Name extends string, const C extends Columns, D extends Record<string, ModelSource>>(
  declaration: ModelDeclaration<Name, C, D>,
): Model<Name, C> {
  return Object.freeze({ name: declaration.name, columns: declaration.columns, definition: resolveModel(declaration) });
}
