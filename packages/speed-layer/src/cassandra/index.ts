export { cassandraStore, type CassandraStoreOptions, type CassandraStoreSettings } from "./cassandra-store.js";
export { cassandraSink, type CassandraSinkOptions, type CassandraSinkSettings } from "./cassandra-sink.js";
export type { CassandraAccess, CassandraClientAccess, CassandraConnection } from "./cassandra-access.js";
export type { CassandraClient, CassandraHost, CassandraRequestOptions, CassandraResult, CassandraStatement } from "./cassandra-client.js";
export { CassandraError, type CassandraFailure } from "./cassandra-error.js";
export type { ConsistencyChoice, ConsistencyLevel } from "./consistency.js";
