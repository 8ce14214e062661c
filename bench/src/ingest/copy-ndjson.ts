import { statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";

export interface CopyNdjsonParams {
  /** With the events as NDJSON; the Parquet file goes here, too. */
  readonly directory: string;
  readonly rounds: number;
}

/** The baseline: DuckDB with two threads copies all fields of the same JSON to one Parquet file, zstd. No manifests, no checks. */
export async function copyNdjson({ directory, rounds }: CopyNdjsonParams) {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  const quoted = (name: string) => `'${join(directory, name).replaceAll("'", "''")}'`;
  const memory = watchMemory();
  const measured: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    const { wallMs, cpuMs } = await measureRun(() =>
      connection.run(`COPY (SELECT * FROM read_json(${quoted("part-*.ndjson")}, format = 'newline_delimited')) TO ${quoted("copied.parquet")} (FORMAT parquet, COMPRESSION zstd)`),
    );
    measured.push({ wallMs, cpuMs });
  }
  const peaks = memory();
  const [rows] = (await connection.runAndReadAll(`SELECT count(*) FROM ${quoted("copied.parquet")}`)).getColumns();
  return { rounds: measured, ...peaks, version: `DuckDB ${version()}`, rows: Number(rows![0]), bytes: statSync(join(directory, "copied.parquet")).size };
}
