import {
  encodeSketch,
  normalInt64,
  scaledFromText,
  zeroOf,
  type CellValue,
  type ColumnDefinition,
  type DimensionValue,
  type FileSystem,
  type MeasureCell,
  type PartialBatch,
  type SqlEngine,
  type SqlValue,
  type TableVersion,
  type ViewDefinition,
} from "@millrace/core";
import { viewTableColumns, WINDOW_START } from "../run/view-select.js";

/** The rows of one version of a view's table as partials, block by block. */
export async function* tablePartials(files: FileSystem, engine: SqlEngine, view: ViewDefinition, version: TableVersion, signal: AbortSignal): AsyncGenerator<PartialBatch> {
  const { dialect } = engine;
  const columns = [dialect.epochMs(dialect.identifier(WINDOW_START)), ...[...view.by, ...view.cells.map(({ name }) => name)].map((name) => dialect.identifier(name))];
  const scan = dialect.scan(version.files.map((path) => files.uri(path)), viewTableColumns(view, dialect));
  const { blocks } = await engine.query(`SELECT ${columns.map((column, i) => `${column} AS c${i}`).join(", ")} FROM ${scan} AS t`, signal);
  for await (const rows of blocks) {
    yield {
      length: rows.length,
      windows: Float64Array.from(rows, ([window]) => Number(window)),
      dimensions: view.by.map((name, d) => rows.map((row) => dimensionOf(view.from.columns[name]!, row[1 + d]!))),
      cells: view.cells.map((cell, c) => rows.map((row) => cellOf(cell, row[1 + view.by.length + c]!))),
    };
  }
}

function dimensionOf(column: ColumnDefinition, value: SqlValue): DimensionValue {
  if (column.kind === "decimal" && typeof value === "string") {
    const scaled = scaledFromText(value, column.scale ?? 0);
    if (scaled === undefined) throw new TypeError(`reading a decimal dimension: "${value}"`);
    return normalInt64(scaled);
  }
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return value;
  throw new TypeError(`reading a dimension of kind "${column.kind}": the engine gave ${typeof value}`);
}

function cellOf(cell: MeasureCell, value: SqlValue): CellValue {
  if (value === null) return zeroOf(cell);
  if (Array.isArray(value)) {
    if (cell.combine !== "maxByKey" && cell.combine !== "sumByKey") throw new TypeError(`reading cell "${cell.name}": a map where a number is kept`);
    return encodeSketch(cell.combine, value as readonly (readonly [number, number | bigint])[]);
  }
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Uint8Array) return value;
  throw new TypeError(`reading cell "${cell.name}": the engine gave ${typeof value}`);
}
