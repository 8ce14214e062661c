import type { ColumnDefinition } from "../streams/column-definition.js";
import type { ColumnType } from "../streams/column-type.js";

/** The coordinates of an event, which every stream's table has beside its declared columns: together they are a key. */
export type EventColumns = {
  readonly _log_version: ColumnType<"int64", number>;
  readonly _partition: ColumnType<"int64", number>;
  readonly _offset: ColumnType<"int64", number>;
  readonly _appended_at: ColumnType<"timestamp", Date>;
};

const integer = (name: string): ColumnDefinition => ({ kind: "int64", as: "number", optional: false, source: { in: "value", path: [name] } });

/** As the master files have them. */
export const EVENT_COLUMNS: Readonly<Record<keyof EventColumns, ColumnDefinition>> = {
  _log_version: integer("_log_version"),
  _partition: integer("_partition"),
  _offset: integer("_offset"),
  _appended_at: { kind: "timestamp", unit: "ms", optional: false, source: { in: "appendedAt" } },
};
