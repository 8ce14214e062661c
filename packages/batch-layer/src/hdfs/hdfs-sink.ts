import type { Columns, Sink } from "@millrace/core";
import { ndjsonFileSink } from "../sinks/ndjson-file-sink.js";
import { parquetFileSink } from "../sinks/parquet-file-sink.js";
import { hdfsFileSystem, type HdfsFileSystemOptions } from "./hdfs-file-system.js";

/** What `hdfsSink` takes: the servers as `hdfsFileSystem` does, and what is written. */
export interface HdfsSinkOptions extends HdfsFileSystemOptions {
  /** Where the files lie, below `root`: `<folder>/<topic>/v<logVersion>-p<partition>/<first offset>.parquet`. */
  readonly folder: string;
  /** The columns of Parquet files, by the names of the rows' fields. Without them files are JSON lines. */
  readonly columns?: Columns;
}

/**
 * Writes each sink batch as one file in HDFS, Parquet or JSON lines, whole or not at all; named after the batch, so a
 * replay replaces it by the same. `parquetFileSink` and `ndjsonFileSink` on a file system that is shared do the same.
 *
 * @example
 * deliver(plays, hdfsSink({ nameNodes: ["nn1.example:9870"], user: "shop", root: "/shop", folder: "plays", columns: { song: text(), at: timestamp("ms") } }))
 */
export function hdfsSink<R extends object>(options: HdfsSinkOptions): Sink<R> {
  const { folder, columns, name = "hdfs" } = options;
  const files = hdfsFileSystem({ ...options, name });
  const sink = columns === undefined ? ndjsonFileSink<R>({ files, folder, name }) : parquetFileSink<R>({ files, folder, columns, name });
  return {
    name,
    write: sink.write,
    async close() {
      await sink.close();
      await files.close();
    },
  };
}
