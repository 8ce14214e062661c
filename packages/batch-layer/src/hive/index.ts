export { CatalogConflictError } from "./catalog-conflict-error.js";
export { HiveAuthenticationError } from "./hive-authentication-error.js";
export { hiveEngine, type HiveEngineOptions } from "./hive-engine.js";
export { hiveCatalog, type HiveCatalogOptions } from "./hive-catalog.js";
export { hiveSink, type HiveSinkOptions } from "./hive-sink.js";
export { sparkDialect } from "./spark-dialect.js";
export { SPARK_SETTINGS } from "./spark-settings.js";
export type { HiveAuthentication } from "./open-hive-socket.js";
export type { HiveCalls, HiveColumn, HiveColumnDescription, HiveHandle, HiveOperationStatus, HivePrimitiveType, HiveSocket, HiveStatus, OpenHiveSocket } from "./hive-protocol.js";
