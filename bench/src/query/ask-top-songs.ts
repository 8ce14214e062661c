import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";
import { lmdbLog } from "@millrace/core/lmdb";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { createServing } from "@millrace/serving-layer";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import { fiveMinuteViews } from "../decode-fold/five-views.js";
import { MinuteMaps } from "../decode-fold/minute-maps.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { LISTEN_EVENTS } from "../listen-events/fill-log.js";
import { latencyOf } from "../measure/latency.js";
import { peakMb } from "../measure/measure-run.js";
import { DAY, DAY_MINUTES } from "./day.js";

export interface AskTopSongsParams {
  readonly directory: string;
  /** Files of the song view's table. */
  readonly batchFiles: readonly string[];
  readonly queries: number;
  readonly warmUp: number;
}

type Top = readonly { readonly song: string; readonly plays: number }[];

/** Asks for the ten most played songs of the day: merged by the serving layer, and of the batch part by DuckDB alone. */
export async function askTopSongs({ directory, batchFiles, queries, warmUp }: AskTopSongsParams) {
  const clock = clockAfter(DAY_MINUTES, 0);
  const log = lmdbLog({ path: join(directory, "log") });
  const store = lmdbViewStore({ path: join(directory, "store"), clock });
  const files = localFileSystem({ root: join(directory, "files") });
  const engine = duckdbEngine({ files });
  const ports = { log, store, files, engine, clock, views: fiveMinuteViews };

  const measure = async (ask: () => Promise<unknown>) => {
    for (let i = 0; i < warmUp; i++) await ask();
    const taken: number[] = [];
    for (let i = 0; i < queries; i++) {
      const start = performance.now();
      await ask();
      taken.push(performance.now() - start);
    }
    return latencyOf(taken);
  };
  const asking = async (cacheValues?: number) => {
    const serving = createServing({ ...ports, ...(cacheValues === undefined ? {} : { cacheValues }) });
    const ask = () => serving.query("song_minute", { ...DAY, granularity: "all", by: ["song"], orderBy: "plays desc", limit: 10 });
    const { rows, envelope } = await ask();
    if (!envelope.complete || envelope.behind > 0) throw new Error(`asking for the top songs: ${envelope.behind} records are missing`);
    const latency = await measure(ask);
    await serving.close();
    return { latency, top: rows.map(({ song, plays }) => ({ song, plays })) as Top };
  };

  const warm = await asking();
  const uncached = await asking(0);
  const duckdb = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await duckdb.connect();
  const list = batchFiles.map((file) => `'${files.uri(file).replaceAll("'", "''")}'`).join(", ");
  const sql = `SELECT song, sum(plays) AS plays FROM read_parquet([${list}], hive_partitioning = false) WHERE epoch_ms(window_start) >= ${DAY.from} AND epoch_ms(window_start) < ${DAY.until} GROUP BY song ORDER BY plays DESC, song LIMIT 10`;
  const alone = await measure(() => connection.runAndReadAll(sql));
  const peak = peakMb();
  const expected = await topSongs(log);
  await Promise.all([engine.close(), store.close(), log.close()]);
  return { warm: warm.latency, uncached: uncached.latency, alone, version: `DuckDB ${version()}`, peakMb: peak, tops: [warm.top, uncached.top], expected };
}

/** By `JSON.parse` and maps, over the log. Ties order by the bytes of the song. */
async function topSongs(log: ReturnType<typeof lmdbLog>): Promise<Top> {
  const { signal } = new AbortController();
  const maps = new MinuteMaps();
  for (const { partition, start, end } of (await log.describe(LISTEN_EVENTS, signal)).partitions) {
    if (start === end) continue;
    for await (const batch of log.read({ topic: LISTEN_EVENTS, partition, from: start }, signal)) {
      maps.add(batch);
      if (batch.position >= end) break;
    }
  }
  return [...maps.songs()]
    .map(([song, plays]) => ({ song, plays }))
    .sort((a, b) => b.plays - a.plays || Buffer.compare(Buffer.from(a.song), Buffer.from(b.song)))
    .slice(0, 10);
}
