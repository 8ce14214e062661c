import type { ColumnBatch, FileInfo, FileWriter } from "@millrace/core";
import { makeData, RecordBatch, Struct, type Schema } from "apache-arrow";
import { Compression, EnabledStatistics, Encoding, WriterPropertiesBuilder, type WriterProperties } from "parquet-wasm";
import { columnChunk, type ColumnChunk } from "./column-chunk.js";
import { masterSchema, type MasterColumn } from "./master-columns.js";
import { ParquetFileWriter, type SealedFile } from "./parquet-file-writer.js";

/**
 * Rows of a record batch: few at first, since a late date has few and every open file holds a batch. Like the bound on
 * the records' bytes it counts rows only, so that equal rows give equal files.
 */
const FIRST_CHUNK_ROWS = 256;
const CHUNK_ROWS = 8_192;
const CHUNK_RECORD_BYTES = 4 * 1_024 * 1_024;
const ROW_GROUP_ROWS = 65_536;

/**
 * Writes events of one stream as one Parquet file. The bytes are a function of the rows and their order alone, however
 * they were batched. Memory: a record batch of at most 8,192 rows or 4 MiB of records, and one encoded row group.
 */
export class MasterFileWriter {
  readonly #columns: readonly MasterColumn[];
  readonly #schema: Schema;
  readonly #writer: ParquetFileWriter;
  #capacity = FIRST_CHUNK_ROWS;
  #chunks: readonly ColumnChunk[];
  #length = 0;
  #recordBytes = 0;

  constructor(file: FileWriter, columns: readonly MasterColumn[]) {
    this.#columns = columns;
    this.#schema = masterSchema(columns);
    this.#chunks = columns.map((column) => columnChunk(column, this.#capacity));
    this.#writer = new ParquetFileWriter(file, writerProperties(columns));
  }

  /** Adds rows `rows[0 .. count)` of the batch. */
  async append(batch: ColumnBatch, rows: Int32Array, count: number): Promise<void> {
    const { raw, rawIndex } = batch;
    let from = 0;
    while (from < count) {
      let until = from;
      let full = false;
      while (until < count && !full) {
        const record = rawIndex[rows[until]!]!;
        this.#recordBytes += raw.valueEnd[record]! - raw.valueStart[record]!;
        until++;
        full = this.#length + until - from === this.#capacity || this.#recordBytes >= CHUNK_RECORD_BYTES;
      }
      for (const chunk of this.#chunks) chunk.append(batch, rows, from, until, this.#length);
      this.#length += until - from;
      from = until;
      if (full) await this.#flush();
    }
  }

  async seal(): Promise<SealedFile> {
    if (this.#length > 0) await this.#flush();
    return this.#writer.seal();
  }

  commit(): Promise<FileInfo> {
    return this.#writer.commit();
  }

  abort(): Promise<void> {
    return this.#writer.abort();
  }

  async #flush(): Promise<void> {
    const length = this.#length;
    const children = this.#chunks.map((chunk) => chunk.take(length));
    const data = makeData({ type: new Struct(this.#schema.fields), length, nullCount: 0, children });
    this.#length = 0;
    this.#recordBytes = 0;
    await this.#writer.write(new RecordBatch(this.#schema, data));
    if (this.#capacity < CHUNK_ROWS) {
      this.#capacity = Math.min(CHUNK_ROWS, this.#capacity * 4);
      this.#chunks = this.#columns.map((column) => columnChunk(column, this.#capacity));
    }
  }
}

function writerProperties(columns: readonly MasterColumn[]): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(ROW_GROUP_ROWS)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setCreatedBy("millrace");
  for (const { name, source } of columns) {
    if (source.of === "raw") {
      builder = builder.setColumnDictionaryEnabled(name, false).setColumnStatisticsEnabled(name, EnabledStatistics.None);
    } else if (source.of === "offset" || source.of === "appendedAt" || (source.of === "column" && source.column.kind === "timestamp")) {
      // They grow from row to row: differences are a few bits, dictionaries would hold every value.
      builder = builder.setColumnDictionaryEnabled(name, false).setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED);
    }
  }
  return builder.build();
}
