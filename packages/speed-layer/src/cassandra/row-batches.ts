import { writeTimestamp } from "@millrace/core";
import type { SegmentPartials, ViewDefinition } from "@millrace/core";
import type { CassandraStatement } from "./cassandra-client.js";
import type { LocatedTable } from "./cassandra-schema.js";
import { bigintBytes, booleanBytes, intBytes } from "./cql-values.js";
import { NO_END } from "./view-table.js";

/** What {@link rowBatches} takes, besides the rows. */
export interface RowBatchOptions {
  readonly table: LocatedTable;
  readonly view: ViewDefinition;
  /** {@link rowColumns} as an insert. */
  readonly query: string;
  /** Start of the bucket, epoch ms. */
  readonly bucket: number;
  readonly ttl: Buffer | undefined;
  readonly batchRows: number;
}

/** A batch is closed at about so many bytes: nodes take no mutation above half a commit log segment. */
const BATCH_BYTES = 64 * 1_024;

/** Columns in the order in which {@link rowBatches} gives values. */
export function rowColumns({ dimensions, cells }: LocatedTable): string[] {
  return [
    ...["fingerprint", "topic", "received", "shard", "log_version", "log_partition", "segment", "segment_end", "window_start", "version"],
    ...dimensions.flatMap(({ column, nullColumn }) => (nullColumn === undefined ? [column] : [column, nullColumn])),
    ...cells.map(({ column }) => column),
  ];
}

/** Partials as batches, each of one Cassandra partition: rows of one shard. Made as they are asked for. */
export function* rowBatches(partials: SegmentPartials, options: RowBatchOptions): Generator<readonly CassandraStatement[]> {
  const { table, view, query, bucket, ttl, batchRows } = options;
  const { segment, windows, versions } = partials;
  const { shards } = table.layout;
  const head = [view.fingerprint, segment.topic, bigintBytes(bucket)] as const;
  const shardBytes = Array.from({ length: shards }, (_, shard) => intBytes(shard));
  const middle = [intBytes(segment.logVersion), intBytes(segment.partition), bigintBytes(segment.first), bigintBytes(segment.end ?? NO_END)] as const;
  const open = Array.from({ length: shards }, () => ({ statements: [] as CassandraStatement[], bytes: 0 }));
  let window = NaN;
  let windowBytes: Buffer = Buffer.alloc(0);
  let version = NaN;
  let versionBytes: Buffer = windowBytes;
  let timestampBytes: Buffer = windowBytes;
  for (let i = 0; i < partials.length; i++) {
    // Neighbours often have a window or a version in common.
    if (windows[i] !== window) windowBytes = bigintBytes((window = windows[i]!));
    if (versions[i] !== version) {
      version = versions[i]!;
      versionBytes = bigintBytes(version);
      timestampBytes = bigintBytes(writeTimestamp(segment.logVersion, version));
    }
    let hash = window / 1_000;
    let bytes = 120;
    const params: unknown[] = [...head, undefined, ...middle, windowBytes, versionBytes];
    for (let d = 0; d < table.dimensions.length; d++) {
      const { encode, nullColumn } = table.dimensions[d]!;
      const value = partials.dimensions[d]![i]!;
      const encoded = encode(value);
      params.push(encoded);
      if (nullColumn !== undefined) params.push(booleanBytes(value === null));
      bytes += encoded.length;
      if (shards > 1) hash = hashed(hash, encoded);
    }
    for (let c = 0; c < table.cells.length; c++) {
      const encoded = table.cells[c]!.encode(partials.cells[c]![i]!);
      params.push(encoded);
      if (encoded !== undefined) bytes += encoded.length;
    }
    params.push(timestampBytes, ttl);
    const shard = shards === 1 ? 0 : (hashed(hash, "") >>> 0) % shards;
    params[3] = shardBytes[shard]!;
    const batch = open[shard]!;
    batch.statements.push({ query, params });
    batch.bytes += bytes;
    if (batch.statements.length >= batchRows || batch.bytes >= BATCH_BYTES) {
      yield batch.statements;
      open[shard] = { statements: [], bytes: 0 };
    }
  }
  for (const { statements } of open) if (statements.length > 0) yield statements;
}

/** FNV-1a over the bytes or UTF-16 units, mixed at the end: the shard of a row must be the same in every process for ever. */
function hashed(seed: number, value: Buffer | string): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  if (typeof value === "string") for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  else for (const byte of value) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
