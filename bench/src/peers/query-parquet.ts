import { DuckDBInstance } from "@duckdb/node-api";
import { rowTotals, type Totals } from "../decode-fold/totals.js";
import { measureRun, peakMb, type Taken } from "../measure/measure-run.js";

export interface QueryParquetParams {
  readonly parquet: string;
  readonly rounds: number;
}

/** The five views by DuckDB with two threads over a Parquet file: what a batch engine takes. Users are exact. */
export async function queryParquet({ parquet, rounds }: QueryParquetParams) {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const plays = `(select ts // 60000 as minute, song, artist, state, "userId" from '${parquet.replaceAll("'", "''")}')`;
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getColumns() as [unknown[], unknown[], unknown[]?];
  const by = async (key: string) => rowTotals((await rows(`select minute, count(*) as plays, ${key} from ${plays} group by all`))[1].map(Number));
  const measured: Taken[] = [];
  let totals: Totals | undefined;
  for (let round = 0; round < rounds; round++) {
    const { result, wallMs, cpuMs } = await measureRun(async () => {
      const [, counts, users] = await rows(`select minute, count(*) as plays, count(distinct "userId") as users from ${plays} group by minute order by minute`);
      return { minute: rowTotals(counts.map(Number)), song: await by("song"), artist: await by("artist"), state: await by("state"), users: users!.map(Number), sketched: false };
    });
    measured.push({ wallMs, cpuMs });
    totals = result;
  }
  connection.closeSync();
  return { rounds: measured, peakMb: peakMb(), totals: totals! };
}
