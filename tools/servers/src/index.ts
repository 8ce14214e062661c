// Servers
export { startKafka } from "./kafka/start-kafka.js";
export type { KafkaBroker, RunningKafka } from "./kafka/start-kafka.js";
export type { KafkaListeners, KafkaOptions, SaslMechanism } from "./kafka/kafka-options.js";
export { startCassandra } from "./cassandra/start-cassandra.js";
export type { CassandraNode, RunningCassandra } from "./cassandra/start-cassandra.js";
export type { CassandraOptions } from "./cassandra/cassandra-options.js";
export type { InstanceOptions } from "./instance/instance.js";
export { cacheDir } from "./install/cache-dir.js";
export type { Progress } from "./progress.js";

// Errors
export { InstallError } from "./errors/install-error.js";
export { MissingToolError } from "./errors/missing-tool-error.js";
export { NotReadyError } from "./errors/not-ready-error.js";
export { PortTakenError } from "./errors/port-taken-error.js";
export { ProgramError } from "./errors/program-error.js";
export { RunFolderError } from "./errors/run-folder-error.js";
