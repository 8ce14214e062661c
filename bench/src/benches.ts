import { benchDecodeFold } from "./decode-fold.js";
import { benchEmbedded } from "./embedded.js";
import { benchHdfs } from "./hdfs.js";
import { benchHttp } from "./http.js";
import { benchIngest } from "./ingest.js";
import { benchKafka } from "./kafka.js";
import { benchLatency } from "./latency.js";
import { benchOperators } from "./operators.js";
import { benchPeers } from "./peers.js";
import { benchQuery } from "./query.js";
import { benchRestart } from "./restart.js";
import { benchSimulate } from "./simulate.js";
import { benchSpark } from "./spark.js";
import { benchStarSchema } from "./star-schema.js";
import type { BenchOptions } from "./task/bench-options.js";

/** A bench: it prints its lines and returns its figures. */
export interface Bench {
  readonly measures: string;
  readonly run: (options: BenchOptions) => Promise<object>;
}

/** Benches that start real servers, which takes Java and a minute: run by name. */
export const serverBenches: Readonly<Record<string, Bench>> = {
  hdfs: { measures: "Kafka into the master dataset on HDFS (starts both)", run: benchHdfs },
  kafka: { measures: "Kafka to five views in Cassandra: backlog, latency, restart (starts both)", run: benchKafka },
  peers: { measures: "the engines one would take instead, on the same events (starts both, fetches the engines)", run: benchPeers },
  spark: { measures: "a month of the music site in the star schema on a Spark Thrift Server (starts it)", run: benchSpark },
};

/** Every bench by its name. Each prints its lines and returns its figures. */
export const benches: Readonly<Record<string, Bench>> = {
  "decode-fold": { measures: "JSON in memory to the rows of five views", run: ({ events, log, rounds }) => benchDecodeFold({ events, log, ...(rounds === undefined ? {} : { rounds: rounds + 1 }) }) },
  embedded: { measures: "events in the embedded log to five durable views", run: benchEmbedded },
  http: { measures: "top 10 over HTTP: queries a second and their latencies", run: benchHttp },
  ingest: { measures: "the log into the master dataset's Parquet files", run: benchIngest },
  latency: { measures: "append to visible in an answer, at 5,000 events a second", run: benchLatency },
  operators: { measures: "pipelines of operators beside loops written by hand", run: benchOperators },
  query: { measures: "top 10 over a day of minutes, batch rows and live segments merged", run: benchQuery },
  restart: { measures: "killed speed layer to caught up", run: benchRestart },
  simulate: { measures: "the simulator of the music site with a million users", run: benchSimulate },
  "star-schema": { measures: "a month of the music site in the star schema, in full and by a day", run: benchStarSchema },
};
