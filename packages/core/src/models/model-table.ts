import { unknownName } from "../configuration/names.js";
import type { Problems } from "../configuration/problems.js";
import type { Refs } from "../expressions/column.js";
import type { carried } from "../streams/carried-type.js";
import type { Columns, Stream } from "../streams/stream.js";
import { EVENT_COLUMNS } from "./event-columns.js";
import type { EventColumns } from "./event-columns.js";
import type { Model } from "./model.js";
import type { ModelInput } from "./model-definition.js";
import { SqlFragment, TableColumn, tableFragments } from "./sql.js";

/** What a model may read. */
export type ModelSource = Stream<Columns> | Model<string, Columns>;

/** A table of a model in its SQL: itself for FROM, and its columns; of a stream also the coordinates of each event. */
export type ModelTable<S extends ModelSource> = { readonly [carried]: "table" } & Refs<S["columns"]> & (S extends Stream<Columns> ? Refs<EventColumns> : unknown);

/** A table as its SQL sees it. A name that is no column is a problem of the declaration; later calls give the same SQL and find none. */
export function tableOf(table: string, input: ModelInput, found: Problems | undefined): object {
  const columns = input.from === "stream" ? { ...input.stream.columns, ...EVENT_COLUMNS } : input.model.columns;
  const proxy = new Proxy({}, {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      if (Object.hasOwn(columns, name)) return new TableColumn(table, name, columns[name]);
      found?.add("sql", `"${table}" has no column ${unknownName(name, Object.keys(columns))}`);
      return new TableColumn(table, name, undefined);
    },
  });
  tableFragments.set(proxy, new SqlFragment(({ dialect, tables }) => `${tables[table]} AS ${dialect.identifier(table)}`));
  return proxy;
}
