import {
  sketchEntries,
  textFromScaled,
  UnreadableFileError,
  ViewFold,
  PartialMerger,
  type ColumnDefinition,
  type Cut,
  type FileSystem,
  type PartialBatch,
  type SqlEngine,
  type SqlValue,
  type StreamPlan,
  type ViewDefinition,
  type WrittenFiles,
} from "@millrace/core";
import { Binary, Field, Int32, Int64, makeData, RecordBatch, Schema, Struct, Utf8, type Data, type DataType } from "apache-arrow";
import { Compression, WriterPropertiesBuilder } from "parquet-wasm";
import { DAY_MS, dayOfDate } from "../master-dataset/utc-date.js";
import { belowCut, logColumns } from "../master-dataset/master-scan.js";
import type { MasterFile } from "../master-dataset/topic-dataset.js";
import { booleanData, bytesData, floatData, integerData, listData } from "../parquet/arrow-data.js";
import { ParquetFileWriter } from "../parquet/parquet-file-writer.js";
import { storedColumns, StoredEvents } from "./stored-events.js";
import { viewOrder, viewTableColumns, WINDOW_START } from "./view-select.js";

const BATCH_RECORDS = 4_000;
const ROWS_A_CHUNK = 50_000;

/** What folding one date of a view in TypeScript works with. */
export interface FoldView {
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly view: ViewDefinition;
  /** The plan by which ingest decodes the view's stream. */
  readonly plan: StreamPlan;
  readonly date: string;
  readonly parts: readonly MasterFile[];
  readonly cut: Cut;
  /** Where the unsorted rows may lie until they are in the table; removed afterwards. */
  readonly scratch: string;
  readonly folder: string;
}

/**
 * Computes one date of a view with the fold of the speed layer, from the files' columns. Memory: the date's rows of the view.
 *
 * @throws {UnreadableFileError} when a file is not what its manifest says.
 */
export async function foldView(task: FoldView, signal: AbortSignal): Promise<WrittenFiles> {
  const { files, engine, view, scratch, folder } = task;
  const partials = await foldDate(task, signal);
  const { dialect } = engine;
  const columns = viewTableColumns(view, dialect);
  const order = viewOrder(view, dialect);
  if (partials.length === 0) {
    const nothing = Object.entries(columns).map(([name, type]) => `CAST(NULL AS ${type}) AS ${dialect.identifier(name)}`);
    return engine.writeTable(`SELECT ${nothing.join(", ")} WHERE FALSE`, folder, signal);
  }
  await writeScratch(files, scratch, view, partials, signal);
  try {
    const id = (name: string) => dialect.identifier(name);
    const selected = [
      `${dialect.timestamp(id("_window"))} AS ${id(WINDOW_START)}`,
      ...view.by.map((name, d) => `${dimensionSql(view.from.columns[name]!, id(`_d${d}`), columns[name]!, (ms) => dialect.timestamp(ms))} AS ${id(name)}`),
      ...view.cells.map((cell, c) => `${cell.type === "sketch" ? `CAST(${dialect.mapOf(id(`_k${c}`), id(`_v${c}`))} AS ${columns[cell.name]!})` : `CAST(${id(`_c${c}`)} AS ${columns[cell.name]!})`} AS ${id(cell.name)}`),
    ];
    const scan = dialect.scan([files.uri(scratch)], scratchColumns(view));
    return await engine.writeTable(`SELECT ${selected.join(", ")} FROM ${scan} AS folded ORDER BY ${order}`, folder, signal);
  } finally {
    await files.remove(scratch, new AbortController().signal);
  }
}

async function foldDate({ files, engine, view, plan, date, parts, cut }: FoldView, signal: AbortSignal): Promise<PartialBatch> {
  const { topic } = view.from;
  const dayStart = dayOfDate(date) * DAY_MS;
  const merger = new PartialMerger(view.cells);
  const { dialect } = engine;
  const columns = storedColumns(plan, dialect);
  const selected = Object.keys(columns).map((name) => dialect.identifier(name));
  const events = new StoredEvents(plan);
  // A fold is told the order of one partition's records, so each file (of one partition) is folded in turn.
  for (const { path, rows, manifest } of parts) {
    const fold = new ViewFold(view);
    let read = 0;
    let waiting: (readonly SqlValue[])[] = [];
    const add = () => {
      const batch = events.batch(manifest, waiting);
      for (let i = 0; i < batch.length; i++) {
        const time = batch.eventTime[i]!;
        if (time < dayStart || time >= dayStart + DAY_MS) throw new UnreadableFileError(path, `its record at ${batch.offsets[i]} is of ${new Date(time).toISOString()}`);
      }
      fold.add(batch);
      read += waiting.length;
      waiting = [];
    };
    const scanned = dialect.scan([files.uri(path)], { ...columns, ...logColumns(dialect) });
    const sql = `SELECT ${selected.join(", ")} FROM ${scanned} AS events WHERE ${belowCut(cut, topic)} ORDER BY _offset`;
    for await (const block of (await engine.query(sql, signal)).blocks) {
      waiting.push(...block);
      if (waiting.length >= BATCH_RECORDS) add();
    }
    if (waiting.length > 0) add();
    if (read !== rows) throw new UnreadableFileError(path, `it has ${read} rows, its manifest says ${rows}`);
    merger.add(fold.all());
  }
  return merger.result();
}

function dimensionSql({ kind }: ColumnDefinition, value: string, type: string, timestamp: (ms: string) => string): string {
  if (kind === "timestamp") return timestamp(value);
  return `CAST(${value} AS ${type})`;
}

/** The columns of the scratch file by SQL type. */
function scratchColumns(view: ViewDefinition): Readonly<Record<string, string>> {
  const columns: Record<string, string> = { _window: "BIGINT" };
  view.by.forEach((name, d) => {
    const { kind } = view.from.columns[name]!;
    columns[`_d${d}`] = kind === "text" || kind === "decimal" ? "VARCHAR" : kind === "boolean" ? "BOOLEAN" : "BIGINT";
  });
  view.cells.forEach(({ type }, c) => {
    if (type === "sketch") {
      columns[`_k${c}`] = "INTEGER[]";
      columns[`_v${c}`] = "BIGINT[]";
    } else columns[`_c${c}`] = type === "int64" ? "BIGINT" : type === "float64" ? "DOUBLE" : "BLOB";
  });
  return columns;
}

async function writeScratch(files: FileSystem, path: string, view: ViewDefinition, partials: PartialBatch, signal: AbortSignal): Promise<void> {
  const writer = new ParquetFileWriter(await files.write(path, signal), new WriterPropertiesBuilder().setCompression(Compression.SNAPPY).build());
  try {
    for (let from = 0; from < partials.length; from += ROWS_A_CHUNK) {
      signal.throwIfAborted();
      const until = Math.min(from + ROWS_A_CHUNK, partials.length);
      const names: string[] = ["_window"];
      const children: Data[] = [integerData(Array.from(partials.windows.subarray(from, until)))];
      view.by.forEach((name, d) => {
        const { kind, scale } = view.from.columns[name]!;
        let values = partials.dimensions[d]!.slice(from, until);
        // As text: engines divide integers with rounding.
        if (kind === "decimal") values = values.map((value) => (value === null ? null : textFromScaled(BigInt(value as number | bigint), scale ?? 0)));
        names.push(`_d${d}`);
        children.push(kind === "text" || kind === "decimal" ? bytesData(values, new Utf8()) : kind === "boolean" ? booleanData(values) : integerData(values as readonly (number | bigint | null)[]));
      });
      view.cells.forEach(({ type }, c) => {
        const values = partials.cells[c]!.slice(from, until);
        if (type === "sketch") {
          const entries = values.map((value) => sketchEntries(value as Uint8Array));
          names.push(`_k${c}`, `_v${c}`);
          children.push(listData(entries.map((each) => each.map(([key]) => key)), new Int32()), listData(entries.map((each) => each.map(([, value]) => value)), new Int64()));
        } else {
          names.push(`_c${c}`);
          children.push(type === "int64" ? integerData(values as readonly (number | bigint | null)[]) : type === "float64" ? floatData(values) : bytesData(values, new Binary()));
        }
      });
      const schema = new Schema(names.map((name, i) => new Field(name, children[i]!.type as DataType, true)));
      await writer.write(new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: until - from, nullCount: 0, children })));
    }
    await writer.seal();
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
