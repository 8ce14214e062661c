import type { ColumnDefinition } from "../streams/column-definition.js";
import { int64, timestamp } from "../streams/column-type.js";
import type { ColumnType } from "../streams/column-type.js";

/** The coordinates of an event, which every stream's table has beside its declared columns: the first three are a key. */
export type EventColumns = {
  readonly _log_version: ColumnType<"int64", number>;
  readonly _partition: ColumnType<"int64", number>;
  readonly _offset: ColumnType<"int64", number>;
  readonly _appended_at: ColumnType<"timestamp", Date>;
};

/** Their types, in the order of the master files. */
export const EVENT_COLUMN_TYPES: EventColumns = { _log_version: int64(), _partition: int64(), _offset: int64(), _appended_at: timestamp("ms").fromAppendedAt() };

/** As the master files have them. */
export const EVENT_COLUMNS = Object.freeze(
  Object.fromEntries(Object.entries(EVENT_COLUMN_TYPES).map(([name, { definition }]) => [name, Object.freeze({ ...definition, source: definition.source ?? { in: "value", path: [name] } })])),
) as Readonly<Record<keyof EventColumns, ColumnDefinition>>;
