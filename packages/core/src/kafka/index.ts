export { kafkaLog, type KafkaConnection, type KafkaLogOptions } from "./kafka-log.js";
export { kafkaSink, type KafkaSinkOptions } from "./kafka-sink.js";
export { fromKafkajs, type FromKafkajsOptions } from "./from-kafkajs.js";
export { kafkaWorkerGroup, type KafkaWorkerGroupOptions } from "./kafka-worker-group.js";
export type {
  FetchRequest,
  Fetched,
  FetchedRecords,
  KafkaBounds,
  KafkaClient,
  KafkaFetcher,
  KafkaPartition,
  KafkaTopic,
  NewKafkaTopic,
} from "./kafka-client.js";
export { KafkaError } from "./kafka-error.js";
export { KafkajsVersionError } from "./kafkajs-internals.js";
export { UnreadableRecordsError } from "./unreadable-records-error.js";
