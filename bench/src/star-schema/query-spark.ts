import { join } from "node:path";
import { modelOrder } from "@millrace/batch-layer";
import { hiveEngine, sparkDialect } from "@millrace/batch-layer/hive";
import { localFileSystem } from "@millrace/batch-layer/local";
import { collectRows } from "@millrace/core";
import { measureRun, type Taken } from "../measure/measure-run.js";
import type { SparkAddress } from "./open-engine.js";
import { cutAfter, filesOf, models } from "./site.js";

export interface QuerySparkParams {
  readonly directory: string;
  readonly days: number;
  readonly rounds: number;
  readonly spark: SparkAddress;
}

/**
 * The baseline on Spark: the models' SQL over the same Parquet files in the same server, a statement a table, its rows in
 * the order of its key, into a folder of Parquet files a table. No dates, no checks, no versions.
 */
export async function querySpark({ directory, days, rounds, spark }: QuerySparkParams) {
  const { signal } = new AbortController();
  const files = localFileSystem({ root: filesOf(directory) });
  const engine = hiveEngine({ files, ...spark });
  const out = join(directory, "spark-direct");
  const parquet = (folder: string) => `parquet.\`file://${folder.replaceAll("`", "``")}\``;
  const run = (sql: string) => collectRows(engine, sql, signal);
  const measured: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    const { wallMs, cpuMs } = await measureRun(async () => {
      for (const model of modelOrder(models)) {
        const tables: Record<string, string> = {};
        for (const [name, input] of Object.entries(model.from)) {
          tables[name] =
            input.from === "model"
              ? `(SELECT * FROM ${parquet(join(out, input.model.name))})`
              : `(SELECT * FROM ${parquet(join(filesOf(directory), "master", input.stream.topic))} WHERE unix_millis(_appended_at) < ${cutAfter(days)})`;
        }
        const order = model.key.map((column) => `\`${column}\``).join(", ");
        await run(`INSERT OVERWRITE DIRECTORY 'file://${join(out, model.name)}' USING parquet OPTIONS (compression 'zstd') SELECT * FROM (${model.sql(tables, sparkDialect)}) AS model ORDER BY ${order}`);
      }
    });
    measured.push({ wallMs, cpuMs });
  }
  const rows: Record<string, number> = {};
  for (const { name } of models) rows[name] = Number((await run(`SELECT count(*) FROM ${parquet(join(out, name))}`))[0]![0]);
  const [version] = await run("SELECT version()");
  await Promise.all([engine.close(), files.close()]);
  return { rounds: measured, rows, version: `Spark ${String(version![0]).split(" ")[0]}` };
}
