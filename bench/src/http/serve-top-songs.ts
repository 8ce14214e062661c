import { join } from "node:path";
import { DuckDBInstance, version } from "@duckdb/node-api";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { lmdbLog } from "@millrace/core/lmdb";
import { createServing, type Served } from "@millrace/serving-layer";
import { createHttpServer } from "@millrace/serving-layer/http";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import fastify from "fastify";
import { fiveMinuteViews, fiveViews } from "../decode-fold/five-views.js";
import { clockAfter } from "../listen-events/clock-after.js";
import { peakMb } from "../measure/measure-run.js";
import { DAY, DAY_MINUTES } from "../query/day.js";
import { CONNECTIONS, TOP, type Targets } from "./targets.js";

export interface ServeTopSongsParams {
  readonly directory: string;
  /** Files of the song view's table. */
  readonly batchFiles: readonly string[];
  /** Of the server that says where the others listen, and that ends them all. */
  readonly port: number;
}

/** Serves the day over HTTP, and the baselines beside it, until it is told to stop. */
export async function serveTopSongs({ directory, batchFiles, port }: ServeTopSongsParams): Promise<{ readonly peakMb: number; readonly version: string }> {
  const clock = clockAfter(DAY_MINUTES, 0);
  const log = lmdbLog({ path: join(directory, "log") });
  const store = lmdbViewStore({ path: join(directory, "store"), clock });
  const files = localFileSystem({ root: join(directory, "files") });
  const engine = duckdbEngine({ files });
  const unused = () => Promise.reject(new Error("the bench asks for answers alone"));
  const serve = async (cacheBytes: number | undefined) => {
    const serving = createServing({ log, store, files, engine, clock, views: fiveMinuteViews });
    const served: Served = { serving, views: fiveViews, clock, describe: () => ({ views: [], streams: [], models: [], outputs: [], platform: {} }), trust: unused, generations: unused, deadLetters: unused, ready: unused };
    return createHttpServer(served, { port: 0, maxRequestsPerSecond: 1_000_000, ...(cacheBytes === undefined ? {} : { cacheBytes }) });
  };
  const servers = { kept: await serve(undefined), made: await serve(0), anew: await serve(0) };
  const query = `/api/views/song_minute/rows?${new URLSearchParams({ from: new Date(DAY.from).toISOString(), until: new Date(DAY.until).toISOString(), ...TOP, limit: "10" }).toString()}`;
  const answer = await (await fetch(`${servers.kept.url}${query}`)).text();

  const duckdb = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => duckdb.connect()));
  const list = batchFiles.map((file) => `'${files.uri(file).replaceAll("'", "''")}'`).join(", ");
  const sql = `SELECT song, CAST(sum(plays) AS INTEGER) AS plays FROM read_parquet([${list}], hive_partitioning = false) WHERE epoch_ms(window_start) >= ${DAY.from} AND epoch_ms(window_start) < ${DAY.until} GROUP BY song ORDER BY plays DESC, song LIMIT 10`;
  let turn = 0;
  // Closing is not to wait for connections that are kept for later.
  const bare = fastify({ forceCloseConnections: true });
  bare.get("/bytes", (_request, reply) => reply.type("application/json; charset=utf-8").send(answer));
  bare.get("/duckdb", async () => ({ rows: (await connections[turn++ % CONNECTIONS]!.runAndReadAll(sql)).getRowObjectsJS() }));
  await bare.listen({ port: 0, host: "127.0.0.1" });
  const bareUrl = bare.listeningOrigin;
  const targets: Targets = { kept: `${servers.kept.url}${query}`, made: `${servers.made.url}${query}`, anew: `${servers.anew.url}${query}`, bytes: `${bareUrl}/bytes`, duckdb: `${bareUrl}/duckdb` };

  const control = fastify({ forceCloseConnections: true });
  const stopped = new Promise<void>((resolve) => {
    control.get("/targets", () => targets);
    control.post("/stop", (_request, reply) => {
      reply.raw.once("close", resolve);
      void reply.send({});
    });
  });
  await control.listen({ port, host: "127.0.0.1" });
  await stopped;
  const peak = peakMb();
  await Promise.all([...Object.values(servers), bare, control].map((server) => server.close()));
  await Promise.all([engine.close(), store.close(), log.close()]);
  return { peakMb: peak, version: `DuckDB ${version()}` };
}
