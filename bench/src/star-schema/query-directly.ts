import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";
import { modelOrder } from "@millrace/batch-layer";
import { duckdbDialect } from "@millrace/batch-layer/duckdb";
import { measureRun, type Taken } from "../measure/measure-run.js";
import { watchMemory } from "../measure/watch-memory.js";
import { cutAfter, filesOf, models } from "./site.js";

export interface QueryDirectlyParams {
  readonly directory: string;
  readonly days: number;
  readonly rounds: number;
}

/**
 * The baseline: the models' SQL over the same Parquet files, a statement a table, its rows in the order of its key, into a
 * Parquet file a table. By DuckDB with the memory and the threads that Millrace gives it. No dates, no checks, no versions.
 */
export async function queryDirectly({ directory, days, rounds }: QueryDirectlyParams) {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "512MB", temp_directory: join(directory, "spill") })).connect();
  await connection.run("SET TimeZone = 'UTC'");
  const out = join(directory, "direct");
  const literal = (name: string) => `'${name.replaceAll("'", "''")}'`;
  const master = join(filesOf(directory), "master");
  const memory = watchMemory();
  const measured: Taken[] = [];
  const rows: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    globalThis.gc?.();
    const { wallMs, cpuMs } = await measureRun(async () => {
      for (const model of modelOrder(models)) {
        const tables: Record<string, string> = {};
        for (const [name, input] of Object.entries(model.from)) {
          if (input.from === "model") tables[name] = `(SELECT * FROM read_parquet(${literal(join(out, `${input.model.name}.parquet`))}))`;
          else tables[name] = await events(join(master, input.stream.topic));
        }
        const order = model.key.map((column) => `"${column}"`).join(", ");
        const copied = await connection.runAndReadAll(`COPY (SELECT * FROM (${model.sql(tables, duckdbDialect)}) AS model ORDER BY ${order}) TO ${literal(join(out, `${model.name}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`);
        rows[model.name] = Number(copied.getRows()[0]![0]);
      }
    });
    measured.push({ wallMs, cpuMs });
  }
  const peaks = memory();
  connection.closeSync();
  return { rounds: measured, ...peaks, rows, version: `DuckDB ${version()}` };

  /** The events of a topic that arrived by the end of the last day. */
  async function events(folder: string): Promise<string> {
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".parquet")).map((name) => literal(join(folder, name)));
    const cut = `epoch_ms(_appended_at) < ${cutAfter(days)}`;
    return `(SELECT * REPLACE (epoch_ms(epoch_ms(ts)) AS ts, epoch_ms(epoch_ms(registration)) AS registration) FROM read_parquet([${files.join(", ")}], union_by_name = true, hive_partitioning = false) WHERE ${cut})`;
  }
}
