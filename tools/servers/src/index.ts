// Servers
export { startKafka } from "./kafka/start-kafka.js";
export type { KafkaBroker, RunningKafka } from "./kafka/start-kafka.js";
export type { KafkaListeners, KafkaOptions, SaslMechanism } from "./kafka/kafka-options.js";
export { startCassandra } from "./cassandra/start-cassandra.js";
export type { CassandraNode, RunningCassandra } from "./cassandra/start-cassandra.js";
export type { CassandraOptions } from "./cassandra/cassandra-options.js";
export { startHdfs } from "./hdfs/start-hdfs.js";
export type { RunningHdfs } from "./hdfs/start-hdfs.js";
export type { HdfsOptions } from "./hdfs/hdfs-options.js";
export { startMetastore } from "./metastore/start-metastore.js";
export type { RunningMetastore } from "./metastore/start-metastore.js";
export type { MetastoreOptions } from "./metastore/metastore-options.js";
export { startSpark } from "./spark/start-spark.js";
export type { RunningSpark } from "./spark/start-spark.js";
export type { SparkOptions } from "./spark/spark-options.js";
export { startPresto } from "./presto/start-presto.js";
export type { RunningPresto } from "./presto/start-presto.js";
export type { PrestoOptions } from "./presto/presto-options.js";
export { runOnPresto } from "./presto/run-on-presto.js";
export type { PrestoAddress } from "./presto/run-on-presto.js";
export { startAirflow } from "./airflow/start-airflow.js";
export type { RunningAirflow } from "./airflow/start-airflow.js";
export type { AirflowOptions } from "./airflow/airflow-options.js";
export { startSuperset } from "./superset/start-superset.js";
export type { RunningSuperset } from "./superset/start-superset.js";
export type { SupersetOptions } from "./superset/superset-options.js";
export type { NodeHandle } from "./instance/node-handle.js";
export { Instance } from "./instance/instance.js";
export type { InstanceOptions } from "./instance/instance.js";
export { readStateFile, writeStateFile } from "./instance/state-file.js";
export { listenRefusal } from "./ports/listen-refusal.js";
export type { NodePlan } from "./instance/node-plan.js";
export type { Place, ServerKind } from "./instance/server-kind.js";
export { cacheDir } from "./install/cache-dir.js";
export type { Progress } from "./progress.js";

// The command's pieces
export { KNOWN_SERVERS } from "./cli/known-server.js";
export type { KnownServer } from "./cli/known-server.js";
export { describeError } from "./cli/describe-error.js";
export { readStatus } from "./cli/server-status.js";
export type { ServerStatus } from "./cli/server-status.js";
export { startAll } from "./cli/start-all.js";
export { startsInOrder } from "./cli/start-order.js";
export { stopSignal } from "./cli/stop-signal.js";

// Programs beside the servers
export { findJava } from "./install/find-java.js";
export type { Java, JavaRange } from "./install/find-java.js";
export { installJars } from "./install/install-jars.js";
export type { Artefact } from "./install/install-jars.js";
export { holdLock } from "./process/hold-lock.js";
export type { HeldLock } from "./process/hold-lock.js";
export { runProgram } from "./process/run-program.js";
export type { ProgramResult } from "./process/run-program.js";
export type { CommandLine } from "./process/server-process.js";

// Errors
export { InstallError } from "./errors/install-error.js";
export { MissingToolError } from "./errors/missing-tool-error.js";
export { NotReadyError } from "./errors/not-ready-error.js";
export { NotYetError } from "./errors/not-yet-error.js";
export { PortTakenError } from "./errors/port-taken-error.js";
export { ProgramError } from "./errors/program-error.js";
export { RunFolderError } from "./errors/run-folder-error.js";
