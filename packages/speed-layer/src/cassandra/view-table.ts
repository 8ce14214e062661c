import { EVERY_MS } from "@millrace/core";
import type { CellType, CellValue, ColumnDefinition, DimensionValue, ViewDefinition } from "@millrace/core";
import { toBigint, toBytes, toEpochMs, toInt64 } from "./cql-values.js";
import { dimensionOfText, textOfDimension } from "./dimension-text.js";
import type { RowEncoder } from "./row-encoder.js";

/** Types of the columns that the adapter makes. */
export type CqlType = "bigint" | "blob" | "boolean" | "double" | "int" | "text" | "timestamp";

/** A column of a table of the adapter's. */
export interface TableColumn {
  readonly name: string;
  readonly type: CqlType;
  /** As `system_schema.columns` says it. */
  readonly kind: "partition_key" | "clustering" | "regular";
}

/** A dimension in its columns. */
export interface DimensionColumn {
  readonly column: string;
  /** Of a column that may be null and is not text: true where it is null, and `column` then holds zero or false. */
  readonly nullColumn: string | undefined;
  /** Whether `column` holds text, as `textOfDimension` gives it. */
  readonly text: boolean;
  readonly write: (row: RowEncoder, value: DimensionValue) => void;
  readonly decode: (value: unknown) => DimensionValue;
}

/** A cell in its column. */
export interface CellColumn {
  readonly column: string;
  /** Of null the column is left unset, and no tombstone is written. */
  readonly write: (row: RowEncoder, value: CellValue) => void;
  readonly decode: (value: unknown) => CellValue;
}

/** The table of a view: its columns, and how rows lie in them. */
export interface ViewTable {
  /** The view's name in lower case. Where it is taken by another key, the store adds the fingerprint. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly dimensions: readonly DimensionColumn[];
  readonly cells: readonly CellColumn[];
}

/** Columns of every view's table around those of its own. The names of dimensions and cells that meet one get a `_`. */
const PARTITION_KEY: readonly TableColumn[] = [
  { name: "fingerprint", type: "text", kind: "partition_key" },
  { name: "topic", type: "text", kind: "partition_key" },
  { name: "received", type: "timestamp", kind: "partition_key" },
  { name: "shard", type: "int", kind: "partition_key" },
];
const WINDOW: TableColumn = { name: "window_start", type: "timestamp", kind: "clustering" };
const SEGMENT: readonly TableColumn[] = [
  { name: "log_version", type: "int", kind: "clustering" },
  { name: "log_partition", type: "int", kind: "clustering" },
  { name: "segment", type: "bigint", kind: "clustering" },
  { name: "segment_end", type: "bigint", kind: "clustering" },
];
const VERSION: TableColumn = { name: "version", type: "bigint", kind: "regular" };

/** `segment_end` of a segment that no manifest ended. */
export const NO_END = -1;

/**
 * The table of a view, a function of the view alone: partition key (fingerprint, topic, `received` bucket, shard),
 * then window start, dimensions and segment, then one column a cell.
 */
export function viewTable(view: ViewDefinition): ViewTable {
  const taken = new Set([...PARTITION_KEY, WINDOW, ...SEGMENT, VERSION].map(({ name }) => name));
  const named = (name: string): string => {
    // CQL folds names to lower case, and SQL engines do not tell cases apart.
    let free = name.toLowerCase();
    while (taken.has(free)) free += "_";
    taken.add(free);
    return free;
  };
  const dimensionColumns: TableColumn[] = [];
  const dimensions = view.by.map((name): DimensionColumn => {
    const definition = view.from.columns[name]!;
    const type = dimensionType(definition);
    const column = named(name);
    dimensionColumns.push({ name: column, type, kind: "clustering" });
    const nullColumn = definition.optional && type !== "text" ? named(`${name}_is_null`) : undefined;
    if (nullColumn !== undefined) dimensionColumns.push({ name: nullColumn, type: "boolean", kind: "clustering" });
    return { column, nullColumn, text: type === "text", ...dimensionCodec(definition, type) };
  });
  const cellColumns: TableColumn[] = [];
  const cells = view.cells.map((cell): CellColumn => {
    const column = named(cell.name);
    cellColumns.push({ name: column, type: CELL_TYPES[cell.type], kind: "regular" });
    return { column, ...CELL_CODECS[cell.type] };
  });
  return { name: view.name.toLowerCase(), columns: [...PARTITION_KEY, WINDOW, ...dimensionColumns, ...SEGMENT, VERSION, ...cellColumns], dimensions, cells };
}

/** What a person needs to read the table's numbers. */
export function describeViewTable(view: ViewDefinition): string {
  const { cells } = viewTable(view);
  const scaled = view.cells.flatMap((cell, i) => {
    const scale = cell.type === "int64" && cell.input.of === "value" ? view.from.columns[cell.input.column]?.scale : undefined;
    return scale === undefined || scale === 0 ? [] : [`${cells[i]!.column} in units of 10^-${scale}`];
  });
  const sketches = view.cells.flatMap((cell, i) => (cell.type === "sketch" ? [`${cells[i]!.column} is a sketch`] : []));
  return [`partials of view ${view.name}, windows of ${EVERY_MS[view.every] / 1_000} s`, ...scaled, ...sketches].join("; ");
}

function dimensionType({ kind }: ColumnDefinition): CqlType {
  switch (kind) {
    case "int64":
    case "decimal":
      return "bigint";
    case "float64":
      return "double";
    default:
      return kind;
  }
}

function dimensionCodec(definition: ColumnDefinition, type: CqlType): Pick<DimensionColumn, "write" | "decode"> {
  switch (type) {
    case "text":
      return { write: (row, value) => row.text(textOfDimension(value)), decode: (value) => dimensionOfText(value as string) };
    case "boolean":
      return { write: (row, value) => row.boolean((value ?? false) as boolean), decode: (value) => value as boolean };
    case "double":
      return { write: (row, value) => row.double((value ?? 0) as number), decode: (value) => value as number };
    case "timestamp":
      return { write: (row, value) => row.bigint((value ?? 0) as number), decode: toEpochMs };
    default:
      // What presents exactly is a bigint inside, also where it would be safe as a number.
      return { write: (row, value) => row.bigint((value ?? 0) as number | bigint), decode: definition.as === "number" ? toInt64 : toBigint };
  }
}

const CELL_TYPES: Readonly<Record<CellType, CqlType>> = { int64: "bigint", float64: "double", sketch: "blob", bytes: "blob" };

const BLOB: Pick<CellColumn, "write" | "decode"> = {
  write: (row, value) => (value === null ? row.unset() : row.blob(value as Uint8Array)),
  decode: (value) => (value === null || value === undefined ? null : toBytes(value)),
};

const CELL_CODECS: Readonly<Record<CellType, Pick<CellColumn, "write" | "decode">>> = {
  int64: {
    write: (row, value) => (value === null ? row.unset() : row.bigint(value as number | bigint)),
    decode: (value) => (value === null || value === undefined ? null : toInt64(value)),
  },
  float64: {
    write: (row, value) => (value === null ? row.unset() : row.double(value as number)),
    decode: (value) => (value === null || value === undefined ? null : (value as number)),
  },
  sketch: BLOB,
  bytes: BLOB,
};
