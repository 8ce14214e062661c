import { cqlMap, cqlName, cqlText } from "./cql-names.js";
import type { TableColumn } from "./view-table.js";

/** How rows are spread over Cassandra's partitions. Fixed when a table is created, and read from its comment ever after. */
export interface TableLayout {
  /** Length of a `received` bucket, ms. */
  readonly bucketMs: number;
  /** Partitions a bucket. */
  readonly shards: number;
}

/** Of all tables that the adapter creates. */
export interface TableOptions {
  /** Default `{ class: "UnifiedCompactionStrategy" }`, which Cassandra has from 5.0 on. */
  readonly compaction: Readonly<Record<string, string | number>>;
  /** At least as long as hints are kept: Cassandra drops a hint that is older than it. */
  readonly gcGraceSeconds: number;
}

const FORMAT = 1;

/** The comment of a view's table: what it is, and its layout. */
export function layoutComment(description: string, { bucketMs, shards }: TableLayout): string {
  return `Millrace: ${description}. ${JSON.stringify({ format: FORMAT, bucketSeconds: bucketMs / 1_000, shards })}`;
}

/** The layout that {@link layoutComment} wrote, or undefined for a table that is not of this format. */
export function layoutOfComment(comment: string): TableLayout | undefined {
  const match = /^Millrace: .*\. (\{[^{}]*\})$/s.exec(comment);
  if (match === null) return undefined;
  const { format, bucketSeconds, shards } = JSON.parse(match[1]!) as { format?: number; bucketSeconds?: number; shards?: number };
  return format === FORMAT && bucketSeconds !== undefined && shards !== undefined ? { bucketMs: bucketSeconds * 1_000, shards } : undefined;
}

/** `keyspace.table` */
export function qualified(keyspace: string, table: string): string {
  return `${cqlName(keyspace)}.${cqlName(table)}`;
}

export function createTable(keyspace: string, table: string, columns: readonly TableColumn[], comment: string, { compaction, gcGraceSeconds }: TableOptions): string {
  const names = (kind: TableColumn["kind"]): string[] => columns.filter((column) => column.kind === kind).map(({ name }) => cqlName(name));
  return [
    `CREATE TABLE IF NOT EXISTS ${qualified(keyspace, table)} (`,
    ...columns.map(({ name, type }) => `  ${cqlName(name)} ${type},`),
    `  PRIMARY KEY (${[`(${names("partition_key").join(", ")})`, ...names("clustering")].join(", ")})`,
    `) WITH compaction = ${cqlMap(compaction)} AND gc_grace_seconds = ${gcGraceSeconds}`,
    `  AND comment = ${cqlText(comment)}`,
  ].join("\n");
}

export function addColumn(keyspace: string, table: string, { name, type }: TableColumn): string {
  return `ALTER TABLE ${qualified(keyspace, table)} ADD IF NOT EXISTS ${cqlName(name)} ${type}`;
}

/** Values in the order of `columns`, then those of `using`: the write timestamp (a clock's, where there is none) and the time to live. */
export function insertInto(keyspace: string, table: string, columns: readonly string[], using: "TIMESTAMP ? AND TTL ?" | "TTL ?" = "TIMESTAMP ? AND TTL ?"): string {
  return `INSERT INTO ${qualified(keyspace, table)} (${columns.map(cqlName).join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) USING ${using}`;
}

/** `conditions` are columns with an operator: `shard =`. */
export function selectFrom(keyspace: string, table: string, columns: readonly string[], conditions: readonly string[]): string {
  return `SELECT ${columns.map(cqlName).join(", ")} FROM ${qualified(keyspace, table)} WHERE ${conditions.map((condition) => `${condition} ?`).join(" AND ")}`;
}
