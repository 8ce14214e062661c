import type { Heartbeat, ProgressRow } from "@millrace/core";
import { bigintBytes, booleanBytes, intBytes, toEpochMs, toNumber } from "./cql-values.js";
import { NO_END } from "./view-table.js";
import type { TableColumn } from "./view-table.js";

/** The table of progress rows: small, one row a view and segment. It also says in which bucket a segment's rows lie. */
export const PROGRESS_TABLE = "millrace_progress";
/** The table of heartbeats: one row a worker and partition. */
export const HEARTBEAT_TABLE = "millrace_heartbeats";

const key = (name: string, type: TableColumn["type"]): TableColumn => ({ name, type, kind: "clustering" });
const partition = (name: string): TableColumn => ({ name, type: "text", kind: "partition_key" });
const value = (name: string, type: TableColumn["type"]): TableColumn => ({ name, type, kind: "regular" });

export const PROGRESS_COLUMNS: readonly TableColumn[] = [
  partition("fingerprint"),
  partition("topic"),
  key("log_version", "int"),
  key("log_partition", "int"),
  key("segment", "bigint"),
  key("segment_end", "bigint"),
  value("received_at", "timestamp"),
  value("previous", "bigint"),
  value("until", "bigint"),
  value("sealed", "boolean"),
  value("version", "bigint"),
  value("records", "bigint"),
  value("events", "bigint"),
  value("filtered", "bigint"),
  value("late", "bigint"),
  value("dead_letters", "bigint"),
  value("min_window", "timestamp"),
  value("max_window", "timestamp"),
  value("max_event_time", "timestamp"),
  value("crc", "bigint"),
  value("covered_until", "timestamp"),
  value("overlapping", "boolean"),
  value("write_consistency", "text"),
];

/** Columns of a segment that has rows, before its first progress row. */
export const RECEIVED_COLUMNS = PROGRESS_COLUMNS.slice(0, 7).map(({ name }) => name);

export const HEARTBEAT_COLUMNS: readonly TableColumn[] = [
  partition("topic"),
  key("log_partition", "int"),
  key("worker", "text"),
  value("at", "timestamp"),
  value("position", "bigint"),
  // Empty when there is none: a null would be a tombstone at every heartbeat.
  value("gap", "text"),
];

type SegmentOf = Pick<ProgressRow, "fingerprint" | "segment" | "receivedAt">;

/** Values of {@link RECEIVED_COLUMNS}. */
export function receivedValues({ fingerprint, segment, receivedAt }: SegmentOf): unknown[] {
  return [
    fingerprint,
    segment.topic,
    intBytes(segment.logVersion),
    intBytes(segment.partition),
    bigintBytes(segment.first),
    bigintBytes(segment.end ?? NO_END),
    bigintBytes(receivedAt),
  ];
}

/** Values of {@link PROGRESS_COLUMNS}. */
export function progressValues(row: ProgressRow, writeConsistency: string): unknown[] {
  const orUnset = (instant: number | null): Buffer | undefined => (instant === null ? undefined : bigintBytes(instant));
  return [
    ...receivedValues(row),
    bigintBytes(row.previous),
    bigintBytes(row.until),
    booleanBytes(row.sealed),
    bigintBytes(row.version),
    bigintBytes(row.records),
    bigintBytes(row.events),
    bigintBytes(row.filtered),
    bigintBytes(row.late),
    bigintBytes(row.deadLetters),
    orUnset(row.minWindow),
    orUnset(row.maxWindow),
    orUnset(row.maxEventTime),
    bigintBytes(row.crc),
    bigintBytes(row.coveredUntil),
    booleanBytes(row.overlapping),
    writeConsistency,
  ];
}

type TableRow = Readonly<Record<string, unknown>>;

/** A segment's id, from any table that has its columns. */
export function segmentOf(topic: string, row: TableRow): ProgressRow["segment"] {
  const end = toNumber(row["segment_end"]);
  return {
    topic,
    logVersion: row["log_version"] as number,
    partition: row["log_partition"] as number,
    first: toNumber(row["segment"]),
    ...(end === NO_END ? {} : { end }),
  };
}

/** The row, with the level it was written at; undefined for a segment without progress. */
export function progressOf(fingerprint: string, topic: string, row: TableRow): { readonly row: ProgressRow; readonly writeConsistency: string } | undefined {
  // The last column to be looked for in a row that expires this very second.
  if (isAbsent(row["until"]) || isAbsent(row["write_consistency"])) return undefined;
  const instant = (name: string): number | null => (isAbsent(row[name]) ? null : toEpochMs(row[name]));
  return {
    row: {
      fingerprint,
      segment: segmentOf(topic, row),
      previous: toNumber(row["previous"]),
      until: toNumber(row["until"]),
      sealed: row["sealed"] as boolean,
      version: toNumber(row["version"]),
      records: toNumber(row["records"]),
      events: toNumber(row["events"]),
      filtered: toNumber(row["filtered"]),
      late: toNumber(row["late"]),
      deadLetters: toNumber(row["dead_letters"]),
      minWindow: instant("min_window"),
      maxWindow: instant("max_window"),
      maxEventTime: instant("max_event_time"),
      receivedAt: toEpochMs(row["received_at"]),
      crc: toNumber(row["crc"]),
      coveredUntil: toEpochMs(row["covered_until"]),
      overlapping: row["overlapping"] as boolean,
    },
    writeConsistency: row["write_consistency"] as string,
  };
}

const isAbsent = (cell: unknown): boolean => cell === null || cell === undefined;

/** Values of {@link HEARTBEAT_COLUMNS}. */
export function heartbeatValues({ topic, partition, worker, at, position, gap }: Heartbeat): unknown[] {
  return [topic, intBytes(partition), worker, bigintBytes(at), bigintBytes(position), gap === undefined ? "" : JSON.stringify(gap)];
}

export function heartbeatOf(topic: string, row: TableRow): Heartbeat {
  const gap = row["gap"] as string;
  return {
    topic,
    partition: row["log_partition"] as number,
    worker: row["worker"] as string,
    at: toEpochMs(row["at"]),
    position: toNumber(row["position"]),
    ...(gap === "" ? {} : { gap: JSON.parse(gap) as NonNullable<Heartbeat["gap"]> }),
  };
}
