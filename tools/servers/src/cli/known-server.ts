import type { Command } from "commander";
import { airflowServer } from "../airflow/airflow-server.js";
import { cassandraServer } from "../cassandra/cassandra-server.js";
import { hdfsServer } from "../hdfs/hdfs-server.js";
import type { Instance } from "../instance/instance.js";
import { kafkaServer } from "../kafka/kafka-server.js";
import { metastoreServer } from "../metastore/metastore-server.js";
import { prestoServer } from "../presto/presto-server.js";
import { sparkServer } from "../spark/spark-server.js";
import { supersetServer } from "../superset/superset-server.js";

/** A server as the command knows it. */
export interface KnownServer {
  readonly name: string;
  /** Servers that are started with it, and before it. */
  readonly needs?: readonly string[];
  /** Servers that it works with where they run or are started as well. */
  readonly uses?: readonly string[];
  /** Adds to `up` what can be chosen. */
  addOptions(up: Command): void;
  /** Starts in a run folder what does not run; what `flags` leave open is as it was made, or by default. `others` are those it needs and uses. */
  start(runDir: string, flags: Readonly<Record<string, unknown>>, signal: AbortSignal, others: Readonly<Record<string, Instance>>): Promise<Instance>;
  /** What a run folder holds, running or not. */
  find(runDir: string): Promise<Instance | undefined>;
  /** How clients reach it, by name: `bootstrap`, `contactPoints`. */
  access(instance: Instance): Readonly<Record<string, unknown>>;
  /** Where clients reach each node, in order. */
  addresses(instance: Instance): readonly string[];
}

/** Every server that can be started; each comes after those it needs and uses. */
export const KNOWN_SERVERS: readonly KnownServer[] = [kafkaServer, cassandraServer, hdfsServer, metastoreServer, sparkServer, prestoServer, airflowServer, supersetServer];
