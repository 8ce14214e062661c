import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";
import type { Engine } from "./engine.js";
import { rowTotals, type Totals } from "./totals.js";

/** DuckDB with two threads, on the same JSON in files. It parses once, into a temporary table, and counts users exactly. */
export async function duckdbEngine(directory: string): Promise<Engine> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const files = join(directory, "part-*.ndjson").replaceAll("'", "''");
  const columns = "{song: 'VARCHAR', artist: 'VARCHAR', state: 'VARCHAR', ts: 'BIGINT', userId: 'BIGINT'}";
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getColumns() as [unknown[], unknown[], unknown[]?];
  return {
    version: `DuckDB ${version()}`,
    run: async () => {
      await connection.run(
        `create or replace temp table plays as select ts // 60000 as minute, song, artist, state, "userId" from read_json('${files}', format = 'newline_delimited', columns = ${columns})`,
      );
      const by = (column: string) => rows(`select minute, count(*) as plays, ${column} from plays group by all`);
      return {
        minute: await rows('select minute, count(*) as plays, count(distinct "userId") as users from plays group by minute order by minute'),
        song: await by("song"),
        artist: await by("artist"),
        state: await by("state"),
      };
    },
    totals: (result) => {
      const { minute, song, artist, state } = result as Record<"minute" | "song" | "artist" | "state", [unknown[], unknown[], unknown[]]>;
      const counts = ([, plays]: [unknown[], unknown[], unknown[]]) => rowTotals(plays.map(Number));
      const totals: Totals = { minute: counts(minute), song: counts(song), artist: counts(artist), state: counts(state), users: minute[2].map(Number), sketched: false };
      return Promise.resolve(totals);
    },
  };
}
