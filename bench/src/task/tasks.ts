import type { FoldLogParams } from "../embedded/fold-log.js";
import type { SpeedPathParams } from "../embedded/speed-path.js";
import type { LoadServersParams } from "../http/load-servers.js";
import type { ServeTopSongsParams } from "../http/serve-top-songs.js";
import type { CopyNdjsonParams } from "../ingest/copy-ndjson.js";
import type { IngestLogParams } from "../ingest/ingest-log.js";
import type { MasterTotalsParams } from "../ingest/master-totals.js";
import type { WriteNdjsonParams } from "../ingest/write-ndjson.js";
import type { IngestTopicParams } from "../hdfs/ingest-topic.js";
import type { FillTopicParams } from "../kafka/fill-topic.js";
import type { ProduceAtPaceParams } from "../kafka/produce-at-pace.js";
import type { ReadKafkajsParams } from "../kafka/read-kafkajs.js";
import type { SpeedServersParams } from "../kafka/speed-servers.js";
import type { WatchVisibleParams } from "../kafka/watch-visible.js";
import type { AppendToVisibleParams } from "../latency/append-to-visible.js";
import type { FillLogParams } from "../listen-events/fill-log.js";
import type { QueryParquetParams } from "../peers/query-parquet.js";
import type { WriteParquetParams } from "../peers/write-parquet.js";
import type { RunOperatorsParams } from "../operators/run-operators.js";
import type { AskTopSongsParams } from "../query/ask-top-songs.js";
import type { PrepareDayParams } from "../query/prepare-day.js";
import type { LoadWarehouseParams } from "../star-schema/load-warehouse.js";
import type { PrepareSiteParams } from "../star-schema/prepare-site.js";
import type { QueryDirectlyParams } from "../star-schema/query-directly.js";
import type { QuerySparkParams } from "../star-schema/query-spark.js";
import type { SimulateRecordsParams } from "../simulate/simulate-records.js";

/**
 * What benches run in processes of their own, by name: parameters and results are plain JSON. Each module is loaded by
 * the process that runs it and no other.
 */
export const tasks = {
  "fill-log": async (params: FillLogParams) => (await import("../listen-events/fill-log.js")).fillLog(params),
  "fold-log": async (params: FoldLogParams) => (await import("../embedded/fold-log.js")).foldLog(params),
  "speed-path": async (params: SpeedPathParams) => (await import("../embedded/speed-path.js")).speedPath(params),
  "write-ndjson": async (params: WriteNdjsonParams) => (await import("../ingest/write-ndjson.js")).writeNdjson(params),
  "ingest-log": async (params: IngestLogParams) => (await import("../ingest/ingest-log.js")).ingestLog(params),
  "copy-ndjson": async (params: CopyNdjsonParams) => (await import("../ingest/copy-ndjson.js")).copyNdjson(params),
  "master-totals": async (params: MasterTotalsParams) => (await import("../ingest/master-totals.js")).masterTotals(params),
  "append-to-visible": async (params: AppendToVisibleParams) => (await import("../latency/append-to-visible.js")).appendToVisible(params),
  "ingest-topic": async (params: IngestTopicParams) => (await import("../hdfs/ingest-topic.js")).ingestTopic(params),
  "fill-topic": async (params: FillTopicParams) => (await import("../kafka/fill-topic.js")).fillTopic(params),
  "speed-servers": async (params: SpeedServersParams) => (await import("../kafka/speed-servers.js")).speedServers(params),
  "read-kafkajs": async (params: ReadKafkajsParams) => (await import("../kafka/read-kafkajs.js")).readKafkajs(params),
  "produce-at-pace": async (params: ProduceAtPaceParams) => (await import("../kafka/produce-at-pace.js")).produceAtPace(params),
  "watch-visible": async (params: WatchVisibleParams) => (await import("../kafka/watch-visible.js")).watchVisible(params),
  "write-parquet": async (params: WriteParquetParams) => (await import("../peers/write-parquet.js")).writeParquet(params),
  "query-parquet": async (params: QueryParquetParams) => (await import("../peers/query-parquet.js")).queryParquet(params),
  "run-operators": async (params: RunOperatorsParams) => (await import("../operators/run-operators.js")).runOperators(params),
  "prepare-day": async (params: PrepareDayParams) => (await import("../query/prepare-day.js")).prepareDay(params),
  "ask-top-songs": async (params: AskTopSongsParams) => (await import("../query/ask-top-songs.js")).askTopSongs(params),
  "serve-top-songs": async (params: ServeTopSongsParams) => (await import("../http/serve-top-songs.js")).serveTopSongs(params),
  "load-servers": async (params: LoadServersParams) => (await import("../http/load-servers.js")).loadServers(params),
  "simulate-records": async (params: SimulateRecordsParams) => (await import("../simulate/simulate-records.js")).simulateRecords(params),
  "stringify-records": async (params: SimulateRecordsParams) => (await import("../simulate/simulate-records.js")).stringifyRecords(params),
  "prepare-site": async (params: PrepareSiteParams) => (await import("../star-schema/prepare-site.js")).prepareSite(params),
  "load-warehouse": async (params: LoadWarehouseParams) => (await import("../star-schema/load-warehouse.js")).loadWarehouse(params),
  "query-directly": async (params: QueryDirectlyParams) => (await import("../star-schema/query-directly.js")).queryDirectly(params),
  "query-spark": async (params: QuerySparkParams) => (await import("../star-schema/query-spark.js")).querySpark(params),
} as const;

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

/** Runs a task to its end, somewhere. */
export type RunTask = <N extends TaskName>(name: N, params: Parameters<Tasks[N]>[0]) => ReturnType<Tasks[N]>;
