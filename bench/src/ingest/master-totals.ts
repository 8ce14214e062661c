import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { rowTotals, type Totals } from "../decode-fold/totals.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";

export interface MasterTotalsParams {
  /** Of the files. */
  readonly directory: string;
}

/** What the five views would be over the master dataset's files. Throws when a record is there twice. */
export async function masterTotals({ directory }: MasterTotalsParams): Promise<Totals> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const columns = async (sql: string) => (await connection.runAndReadAll(sql)).getColumns();
  const files = `'${join(directory, "master", LISTEN_EVENTS).replaceAll("'", "''")}/**/*.parquet'`;
  await connection.run(
    `CREATE TABLE plays AS SELECT epoch_ms(ts) // 60000 AS minute, song, artist, state, "userId", _partition, _offset FROM read_parquet(${files}, hive_partitioning = false)`,
  );
  const [repeated] = await columns("SELECT count(*) - count(DISTINCT (_partition, _offset)) FROM plays");
  if (Number(repeated![0]) !== 0) throw new Error(`checking the master dataset: ${String(repeated![0])} records are there twice`);
  const counts = async (by: string) => rowTotals((await columns(`SELECT count(*) FROM plays GROUP BY minute${by}`))[0]!.map(Number));
  const [users] = await columns('SELECT count(DISTINCT "userId") FROM plays GROUP BY minute ORDER BY minute');
  return { minute: await counts(""), song: await counts(", song"), artist: await counts(", artist"), state: await counts(", state"), users: users!.map(Number), sketched: false };
}
