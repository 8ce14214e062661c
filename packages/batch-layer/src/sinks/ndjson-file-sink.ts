import { ClosedError, type FileSystem, type Sink } from "@millrace/core";
import { sinkFilePath } from "./sink-file-path.js";

/** What `ndjsonFileSink` takes. */
export interface NdjsonFileSinkOptions {
  readonly files: FileSystem;
  /** Where the files lie: `<folder>/<topic>/v<logVersion>-p<partition>/<first offset>.ndjson`. */
  readonly folder: string;
  /** Default "ndjson-file". */
  readonly name?: string;
}

/**
 * Writes each sink batch as one file of JSON lines, whole or not at all. The file is named after the batch, so a replay
 * replaces it by the same. Dates are ISO instants; bigints are texts, since JSON readers round them.
 */
export function ndjsonFileSink<R>({ files, folder, name = "ndjson-file" }: NdjsonFileSinkOptions): Sink<R> {
  let closed = false;
  return {
    name,
    async write(batch, signal) {
      signal.throwIfAborted();
      if (closed) throw new ClosedError(name, "writing to sink");
      if (batch.rows.length === 0) return;
      const writer = await files.write(sinkFilePath(folder, batch, "ndjson"), signal);
      try {
        await writer.write(new TextEncoder().encode(batch.rows.map(lineOf).join("")));
        signal.throwIfAborted();
        await writer.commit();
      } catch (error) {
        await writer.abort();
        throw error;
      }
    },
    async close() {
      closed = true;
    },
  };
}

const lineOf = (row: unknown): string => `${JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value))}\n`;
