import { partitionName, segmentName } from "@millrace/core";
import type { CellValue, DimensionValue, SegmentId, SegmentPartials } from "@millrace/core";
import type { LocatedTable } from "./cassandra-schema.js";
import { toEpochMs, toNumber } from "./cql-values.js";
import { NO_END } from "./view-table.js";

type TableRow = Readonly<Record<string, unknown>>;

/** A segment's name among those of all partitions. */
export function segmentKey(segment: SegmentId): string {
  return `${partitionName(segment)}/${segmentName(segment)}`;
}

/** Columns of a view's table that a reader needs. */
export function readColumns({ dimensions, cells }: LocatedTable): string[] {
  return [
    ...["log_version", "log_partition", "segment", "segment_end", "window_start", "version"],
    ...dimensions.flatMap(({ column, nullColumn }) => (nullColumn === undefined ? [column] : [column, nullColumn])),
    ...cells.map(({ column }) => column),
  ];
}

interface SegmentGroup {
  readonly segment: SegmentId;
  readonly rows: TableRow[];
}

/** Segments to look for, by their first offset: rows of several partitions alternate, and none needs a name of its own. */
export type WantedSegments = ReadonlyMap<number, readonly SegmentId[]>;

export function wantedSegments(segments: Iterable<SegmentId>): WantedSegments {
  const wanted = new Map<number, SegmentId[]>();
  for (const segment of segments) {
    const same = wanted.get(segment.first);
    if (same) same.push(segment);
    else wanted.set(segment.first, [segment]);
  }
  return wanted;
}

/** Rows of one page by segment, those of the segments wanted alone: a bucket holds others too. */
export function partialsOfRows(rows: readonly TableRow[], table: LocatedTable, wanted: WantedSegments): SegmentPartials[] {
  const groups = new Map<number, readonly SegmentGroup[]>();
  for (const row of rows) {
    const first = toNumber(row["segment"]);
    let same = groups.get(first);
    if (same === undefined) groups.set(first, (same = (wanted.get(first) ?? []).map((segment) => ({ segment, rows: [] }))));
    if (same.length === 0) continue;
    const [version, partition, end] = [row["log_version"], row["log_partition"], toNumber(row["segment_end"])];
    const group = same.find(({ segment }) => segment.partition === partition && segment.logVersion === version && (segment.end ?? NO_END) === end);
    // A row whose last cells expire this very second has no version any more.
    if (group !== undefined && row["version"] !== null && row["version"] !== undefined) group.rows.push(row);
  }
  return [...groups.values()].flat().filter((group) => group.rows.length > 0).map((group) => partialsOf(group.segment, group.rows, table));
}

function partialsOf(segment: SegmentId, rows: readonly TableRow[], table: LocatedTable): SegmentPartials {
  return {
    segment,
    length: rows.length,
    windows: Float64Array.from(rows, (row) => toEpochMs(row["window_start"])),
    versions: Float64Array.from(rows, (row) => toNumber(row["version"])),
    dimensions: table.dimensions.map(({ column, nullColumn, decode }) =>
      rows.map((row): DimensionValue => (nullColumn !== undefined && row[nullColumn] === true ? null : decode(row[column]))),
    ),
    cells: table.cells.map(({ column, decode }) => rows.map((row): CellValue => decode(row[column]))),
  };
}
