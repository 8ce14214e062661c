import { partitionName, segmentName } from "@millrace/core";
import type { CellValue, DimensionValue, SegmentId, SegmentPartials } from "@millrace/core";
import type { LocatedTable } from "./cassandra-schema.js";
import { toEpochMs, toNumber } from "./cql-values.js";
import { segmentOf } from "./progress-table.js";

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

/** Rows of one page by segment, those of the segments wanted alone: a bucket holds others too. */
export function partialsOfRows(rows: readonly TableRow[], table: LocatedTable, topic: string, wanted: ReadonlyMap<string, SegmentId>): SegmentPartials[] {
  const bySegment = new Map<string, { readonly segment: SegmentId; readonly rows: TableRow[] }>();
  let last: { readonly id: string; readonly rows: TableRow[] | undefined } | undefined;
  for (const row of rows) {
    // The key's last columns change slowest of all on a busy minute: compared as what they are before a name is made.
    const segment = segmentOf(topic, row);
    const id = segmentKey(segment);
    if (last?.id !== id) {
      const own = wanted.get(id);
      let group = bySegment.get(id);
      if (group === undefined && own !== undefined) bySegment.set(id, (group = { segment: own, rows: [] }));
      last = { id, rows: group?.rows };
    }
    // A row whose last cells expire this very second has no version any more.
    if (last.rows !== undefined && row["version"] !== null && row["version"] !== undefined) last.rows.push(row);
  }
  return [...bySegment.values()].filter((group) => group.rows.length > 0).map((group) => partialsOf(group.segment, group.rows, table));
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
