import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import { writeListenEvents } from "../listen-events/write-listen-events.js";

export interface WriteParquetParams {
  readonly directory: string;
  readonly events: number;
}

/** The events as one Parquet file (zstd). Not measured. */
export async function writeParquet({ directory, events }: WriteParquetParams): Promise<{ readonly parquet: string }> {
  await writeListenEvents(directory, events);
  const parquet = join(directory, "listen_events.parquet");
  const quoted = (path: string) => `'${path.replaceAll("'", "''")}'`;
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run(`copy (select * from read_json(${quoted(join(directory, "part-*.ndjson"))}, format = 'newline_delimited')) to ${quoted(parquet)} (format parquet, compression zstd)`);
  connection.closeSync();
  return { parquet };
}
