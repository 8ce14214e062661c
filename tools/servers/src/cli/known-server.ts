import type { Command } from "commander";
import { cassandraServer } from "../cassandra/cassandra-server.js";
import { hdfsServer } from "../hdfs/hdfs-server.js";
import type { Instance } from "../instance/instance.js";
import { kafkaServer } from "../kafka/kafka-server.js";

/** A server as the command knows it. */
export interface KnownServer {
  readonly name: string;
  /** Adds to `up` what can be chosen. */
  addOptions(up: Command): void;
  /** Starts in a run folder what does not run; what `flags` leave open is as it was made, or by default. */
  start(runDir: string, flags: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Instance>;
  /** What a run folder holds, running or not. */
  find(runDir: string): Promise<Instance | undefined>;
  /** How clients reach it, by name: `bootstrap`, `contactPoints`. */
  access(instance: Instance): Readonly<Record<string, unknown>>;
  /** Where clients reach each node, in order. */
  addresses(instance: Instance): readonly string[];
}

/** Every server that can be started. */
export const KNOWN_SERVERS: readonly KnownServer[] = [kafkaServer, cassandraServer, hdfsServer];
