import { systemClock } from "@millrace/core";
import { kafkaLog } from "@millrace/core/kafka";
import { localFileSystem } from "@millrace/batch-layer/local";
import { cassandraStore } from "@millrace/speed-layer/cassandra";
import { join } from "node:path";

/** Where the servers of a bench are: plain JSON, for tasks. */
export interface Servers {
  /** `host:port` of each broker. */
  readonly brokers: readonly string[];
  readonly cassandra: { readonly contactPoints: readonly string[]; readonly port: number; readonly localDataCenter: string };
}

/** The ports of a platform of Kafka, Cassandra and local files. The keyspace is created when it is first used. */
export function openServers({ brokers, cassandra }: Servers, keyspace: string, directory: string) {
  const log = kafkaLog({ brokers });
  const store = cassandraStore({ ...cassandra, keyspace, replication: { [cassandra.localDataCenter]: 1 } });
  const files = localFileSystem({ root: join(directory, "files") });
  const close = async (): Promise<void> => void (await Promise.all([log.close(), store.close(), files.close()]));
  return { log, store, files, clock: systemClock(), close };
}
