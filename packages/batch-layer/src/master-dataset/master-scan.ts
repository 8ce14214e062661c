import { coordinateName, type Cut, type FileSystem, type SqlDialect, type StreamPlan } from "@millrace/core";
import type { MasterFile } from "./topic-dataset.js";

/** The columns that every master file has beside the declared ones, by SQL type. */
export function logColumns(dialect: SqlDialect): Readonly<Record<string, string>> {
  return {
    _log_version: "INTEGER",
    _partition: "INTEGER",
    _offset: "BIGINT",
    _appended_at: dialect.columnType({ kind: "timestamp", optional: false, unit: "ms", source: { in: "appendedAt" } }),
  };
}

/** `(_log_version, _offset) < cut`, partition by partition. Ingest goes on while a run reads. */
export function belowCut(cut: Cut, topic: string): string {
  const positions = cut[topic] ?? [];
  if (positions.length === 0) return "FALSE";
  const each = positions.map(
    ({ partition, logVersion, offset }) => `(_partition = ${partition} AND (_log_version < ${logVersion} OR (_log_version = ${logVersion} AND _offset < ${offset})))`,
  );
  return `(${each.join(" OR ")})`;
}

/** A FROM-able expression of the events in these files below the cut: declared columns, log coordinates and sketch coordinates. */
export function masterScan(files: FileSystem, dialect: SqlDialect, plan: StreamPlan, parts: readonly MasterFile[], cut: Cut): string {
  const columns: Record<string, string> = {};
  for (const [name, column] of Object.entries(plan.stream.columns)) columns[name] = dialect.columnType(column);
  Object.assign(columns, logColumns(dialect));
  for (const coordinate of plan.coordinates) columns[coordinateName(coordinate)] = "INTEGER";
  const scan = dialect.scan(parts.map(({ path }) => files.uri(path)), columns);
  return `(SELECT * FROM ${scan} AS events WHERE ${belowCut(cut, plan.stream.topic)})`;
}
