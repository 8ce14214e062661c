import { writeTimestamp } from "@millrace/core";
import type { SegmentPartials, ViewDefinition } from "@millrace/core";
import type { LocatedTable } from "./cassandra-schema.js";
import { textOfDimension } from "./dimension-text.js";
import type { EncodedRows } from "./encoded-rows.js";
import { OpenBatch } from "./open-batch.js";
import { RowEncoder } from "./row-encoder.js";
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
/** A value stands behind its length. */
const LENGTH_BYTES = 4;

/** Columns in the order in which {@link rowBatches} gives values. */
export function rowColumns({ dimensions, cells }: LocatedTable): string[] {
  return [
    ...["fingerprint", "topic", "received", "shard", "log_version", "log_partition", "segment", "segment_end", "window_start", "version"],
    ...dimensions.flatMap(({ column, nullColumn }) => (nullColumn === undefined ? [column] : [column, nullColumn])),
    ...cells.map(({ column }) => column),
  ];
}

/** Partials as batches, each of one Cassandra partition: rows of one shard. Made as they are asked for. */
export function* rowBatches(partials: SegmentPartials, options: RowBatchOptions): Generator<EncodedRows> {
  const { table, view, query, bucket, ttl, batchRows } = options;
  const { segment, windows, versions } = partials;
  const { shards } = table.layout;
  const columns = rowColumns(table).length + 2;
  const head = RowEncoder.encode((row) => {
    row.text(view.fingerprint);
    row.text(segment.topic);
    row.bigint(bucket);
  });
  const middle = RowEncoder.encode((row) => {
    row.int(segment.logVersion);
    row.int(segment.partition);
    row.bigint(segment.first);
    row.bigint(segment.end ?? NO_END);
  });
  const timeToLive = RowEncoder.encode((row) => (ttl === undefined ? row.unset() : row.blob(ttl)));
  const open = Array.from({ length: shards }, () => new OpenBatch());
  const row = new RowEncoder();
  let version = NaN;
  let timestamp = 0n;
  for (let i = 0; i < partials.length; i++) {
    row.clear();
    row.encoded(head);
    const shardAt = row.length;
    row.int(0);
    row.encoded(middle);
    row.bigint(windows[i]!);
    row.bigint(versions[i]!);
    let hash = windows[i]! / 1_000;
    for (let d = 0; d < table.dimensions.length; d++) {
      const { write, text, nullColumn } = table.dimensions[d]!;
      const value = partials.dimensions[d]![i]!;
      const start = row.length + LENGTH_BYTES;
      write(row, value);
      if (shards > 1) hash = hashed(hash, text ? textOfDimension(value) : row.bytes(start));
      if (nullColumn !== undefined) row.boolean(value === null);
    }
    for (let c = 0; c < table.cells.length; c++) table.cells[c]!.write(row, partials.cells[c]![i]!);
    // Neighbours often have a version in common.
    if (versions[i] !== version) timestamp = writeTimestamp(segment.logVersion, (version = versions[i]!));
    row.bigint(timestamp);
    row.encoded(timeToLive);
    const shard = shards === 1 ? 0 : (hashed(hash, "") >>> 0) % shards;
    const bytes = row.bytes();
    bytes.writeInt32BE(shard, shardAt + LENGTH_BYTES);
    const batch = open[shard]!;
    batch.append(bytes);
    if (batch.rows >= batchRows || batch.length >= BATCH_BYTES) yield batch.take(query, columns);
  }
  for (const batch of open) if (batch.rows > 0) yield batch.take(query, columns);
}

/** FNV-1a over the bytes or UTF-16 units, mixed at the end: the shard of a row must be the same in every process for ever. */
function hashed(seed: number, value: Buffer | string): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  if (typeof value === "string") for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  else for (const byte of value) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
