import { describe } from "../configuration/names.js";
import { Problems } from "../configuration/problems.js";
import type { Columns, Stream } from "../streams/stream.js";
import { EVENT_COLUMNS, EVENT_COLUMN_TYPES } from "./event-columns.js";
import type { EventColumns } from "./event-columns.js";
import type { Model } from "./model.js";
import type { ModelTable } from "./model-table.js";
import { resolveModel } from "./resolve-model.js";
import { sql } from "./sql.js";
import type { SqlPart } from "./sql.js";

/** What {@link defineEventTable} takes. */
export interface EventTableDeclaration<Name extends string, C extends Columns> {
  /** An identifier: the table's name. */
  readonly name: Name;
  /** Whose events it holds. */
  readonly from: Stream<C>;
}

/**
 * A stream's events as a table of each generation, for whoever reads the raw zone by SQL: every event below the cut that
 * was not erased, once, with its declared columns and its place in the log (`_log_version`, `_partition`, `_offset`: its
 * key; `_appended_at`). It lies by event date, in the order of the key, the small files of a date's segments as few large
 * ones. It is a model as any other: built again for changed dates, checked against the manifests, published, rolled back
 * and pruned with its generation; other models may read it. It takes the room of the master dataset once more, without
 * raw values.
 *
 * @example
 * const playEvents = defineEventTable({ name: "play_events", from: plays });
 * const lambda = createLambda({ views: [], models: [playEvents], platform: embedded("./data") });
 *
 * @throws {ConfigurationError} with every mistake of the declaration.
 */
export function defineEventTable<const Name extends string, C extends Columns>({ name, from }: EventTableDeclaration<Name, C>): Model<Name, C & EventColumns> {
  const stream = (from as Stream<C> | undefined)?.definition;
  if (stream === undefined || !("topic" in stream)) {
    const problems = new Problems();
    problems.add("from", `${describe(from)} is no stream`);
    problems.throwIfAny(`defining event table ${describe(name)}`);
  }
  const names = [...Object.keys(from.columns), ...Object.keys(EVENT_COLUMNS)];
  const definition = resolveModel(
    {
      name,
      from: { events: from },
      columns: from.columns,
      key: ["_log_version", "_partition", "_offset"],
      partitioned: "date",
      oneRowPer: "events",
      sql: ({ events }: { readonly events: ModelTable<Stream<Columns>> }) => sql`select ${names.map((column): SqlPart => events[column]!).reduce((list, column) => sql`${list}, ${column}`)} from ${events}`,
    },
    EVENT_COLUMNS,
  );
  return Object.freeze({ name, columns: { ...from.columns, ...EVENT_COLUMN_TYPES }, definition });
}
