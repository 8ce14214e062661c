import type { SqlDialect } from "../ports/sql-dialect.js";

/** Prints SQL for fingerprints, so that they do not change with the engine. */
export const NEUTRAL_DIALECT: SqlDialect = {
  name: "duckdb",
  identifier: (name) => JSON.stringify(name),
  literal: (value) => (value instanceof Date ? `instant(${value.getTime()})` : typeof value === "bigint" ? `${value}` : JSON.stringify(value)),
  scan: (uris) => `scan(${uris.join()})`,
  columnType: ({ kind }) => kind,
  cellType: (type) => type,
  mapOf: (keys, values) => `map(${keys}, ${values})`,
  wideSum: (expression) => `sum(${expression})`,
  windowStart: (timestamp, everyMs) => `window_start(${timestamp}, ${everyMs})`,
  insideInteger: (expression) => `integer(${expression})`,
  epochMs: (timestamp) => `epoch_ms(${timestamp})`,
  timestamp: (epochMs) => `timestamp(${epochMs})`,
  dateOf: (timestamp) => `date_of(${timestamp})`,
  surrogateKey: (columns) => `key(${columns.join(", ")})`,
  predicate: () => "predicate()",
  sketch: (combine, coordinate) => `${combine}(${coordinate})`,
};
