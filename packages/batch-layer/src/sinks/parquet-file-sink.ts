import { ClosedError, type Columns, type FileSystem, type Sink } from "@millrace/core";
import { sinkFilePath } from "./sink-file-path.js";

/** What `parquetFileSink` takes. */
export interface ParquetFileSinkOptions {
  readonly files: FileSystem;
  /** Where the files lie: `<folder>/<topic>/v<logVersion>-p<partition>/<first offset>.parquet`. */
  readonly folder: string;
  /** The columns of the files, in order, by the names of the rows' fields. */
  readonly columns: Columns;
  /** Default "parquet-file". */
  readonly name?: string;
}

/**
 * Writes each sink batch as one Parquet file, whole or not at all; named after the batch, so a replay replaces it by the
 * same. Types are those of the master files: int64 and decimal are exact, timestamps are instants.
 *
 * @throws {RangeError} on writing a row whose value its column cannot hold.
 */
export function parquetFileSink<R extends object>({ files, folder, columns, name = "parquet-file" }: ParquetFileSinkOptions): Sink<R> {
  let closed = false;
  return {
    name,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      if (batch.rows.length === 0) return;
      // Arrow and Parquet are loaded when there is something to write.
      const { writeRows } = await import("./write-rows.js");
      await writeRows(files, sinkFilePath(folder, batch, "parquet"), columns, batch.rows, signal);
    },
    async close() {
      closed = true;
    },
  };
}
