import type { JavaProgram, Peer } from "./peer.js";

const kafkaStreams: JavaProgram = { kind: "java", folder: "kafka-streams", main: "KafkaStreamsPeer", jvm: ["-Xmx2g"] };

/** What `spark-submit` adds for Java 17. */
const SPARK_OPENS = ["lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util", "util.concurrent", "util.concurrent.atomic"].map((name) => `java.base/java.${name}`);
const spark: JavaProgram = {
  kind: "java",
  folder: "spark",
  main: "SparkPeer",
  jvm: [
    "-Xmx2g",
    ...[...SPARK_OPENS, "java.base/jdk.internal.ref", "java.base/sun.nio.ch", "java.base/sun.nio.cs", "java.base/sun.security.action", "java.base/sun.util.calendar"].map((name) => `--add-opens=${name}=ALL-UNNAMED`),
    "-Djdk.reflect.useDirectMethodHandle=false",
  ],
};

/** Aggregations of the task race on replay: the fastest partition moves stream time, and all that is slower looks late. */
const RACE = "tasks race on replay, so that updates of slower partitions come after their window's grace";

/** Every peer, in the order in which they run. */
export const peers: readonly Peer[] = [
  { name: "millrace", job: "speed layer, exactly once", durable: "rows and offsets in Cassandra", input: "kafka", program: { kind: "task", task: "speed-servers" }, usersError: 0.01625 },
  { name: "kafkajs", job: "kafkajs, JSON.parse and maps", durable: "nowhere", input: "kafka", program: { kind: "task", task: "read-kafkajs" }, usersError: 0 },
  {
    name: "kafka-streams",
    job: "Kafka Streams 4.3.1, at least once, grace 2 h",
    durable: "RocksDB and changelog topics",
    input: "kafka",
    program: kafkaStreams,
    settings: { graceMinutes: 120, cacheBytes: 64 << 20, lingerMs: 100 },
    usersError: 0.0325,
    paced: { settings: { graceMinutes: 120, cacheBytes: 0, lingerMs: 0 }, visible: "count by song forwarded" },
  },
  {
    name: "kafka-streams-grace-5",
    job: "the same with a grace of 5 min",
    durable: "RocksDB and changelog topics",
    input: "kafka",
    program: kafkaStreams,
    settings: { graceMinutes: 5, cacheBytes: 64 << 20, lingerMs: 100 },
    usersError: 0.0325,
    mayDrop: RACE,
    byNameOnly: true,
  },
  {
    name: "spark",
    job: "Structured Streaming 4.1.1, exactly once",
    durable: "checkpoints and Parquet by micro-batch",
    input: "kafka",
    program: spark,
    settings: { mode: "stream", eventsPerTrigger: 100_000, watermark: "5 minutes" },
    usersError: 0.05,
    paced: { settings: { eventsPerTrigger: 100_000, watermark: "5 minutes", trigger: "1 second" }, visible: "Parquet by song written" },
  },
  {
    name: "flink",
    job: "Flink 2.2.0, exactly-once state",
    durable: "checkpoints every 10 s; results in its memory",
    input: "kafka",
    program: { kind: "java", folder: "flink", main: "FlinkPeer", jvm: ["-Xmx2g", "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED"] },
    usersError: 0,
  },
  { name: "python", job: "librdkafka, orjson and dictionaries", durable: "nowhere", input: "kafka", program: { kind: "python", file: "consumer_peer.py" }, usersError: 0 },
  { name: "bytewax", job: "Bytewax 0.21.1, one worker", durable: "nowhere", input: "kafka", program: { kind: "python", file: "bytewax_peer.py" }, usersError: 0, mostEvents: 10_000 },
  { name: "quixstreams", job: "Quix Streams 3.28.1, at least once", durable: "RocksDB and changelog topics", input: "kafka", program: { kind: "python", file: "quixstreams_peer.py" }, usersError: 0, mostEvents: 10_000 },
  { name: "duckdb", job: "DuckDB, batch, two threads", durable: "nowhere", input: "parquet", program: { kind: "task", task: "query-parquet" }, usersError: 0 },
  { name: "polars", job: "Polars 2.1.0, batch, two threads", durable: "nowhere", input: "parquet", program: { kind: "python", file: "polars_peer.py" }, usersError: 0 },
  { name: "spark-batch", job: "Spark 4.1.1, batch, local[2]", durable: "nowhere", input: "parquet", program: spark, settings: { mode: "batch" }, usersError: 0 },
];
