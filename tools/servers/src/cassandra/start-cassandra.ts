import { ProgramError } from "../errors/program-error.js";
import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import { runProgram } from "../process/run-program.js";
import { cassandraKind, nodetoolCommand } from "./cassandra-kind.js";
import type { CassandraOptions } from "./cassandra-options.js";
import { addressesOf } from "./node-settings.js";
import { DATA_CENTER } from "./probe-node.js";

/** One node that can be hurt. */
export interface CassandraNode {
  /** `127.0.0.1` of the first node, `127.0.0.2` of the second. */
  readonly address: string;
  readonly running: boolean;
  readonly pid: number | undefined;
  /** `kill -9`; resolves once it is gone. */
  kill(): Promise<void>;
  /** Ends it as an operator does; resolves once it is gone. */
  stop(): Promise<void>;
  /** Starts it again on its data; resolves when it answers a query. */
  start(signal?: AbortSignal): Promise<void>;
  /** It stands still (SIGSTOP): connections stay open, nothing answers. */
  pause(): void;
  /** It goes on (SIGCONT). */
  resume(): void;
  /** Runs `nodetool`, for example `nodetool("flush", "keyspace")`, and resolves with what it printed. Takes a second or two. */
  nodetool(...args: readonly string[]): Promise<string>;
}

/** A Cassandra that answers. */
export interface RunningCassandra extends RunningServer {
  readonly contactPoints: readonly string[];
  /** Port of CQL, the same on every address. */
  readonly port: number;
  readonly localDataCenter: string;
  readonly nodes: readonly CassandraNode[];
}

/**
 * Starts Cassandra 5.0 as plain processes and resolves when every node answers a query and knows the others. Needs
 * Java 17, and Maven for the first time. Tables survive `kill -9`.
 *
 * The nodes end with this process, however it ends.
 *
 * @throws {MissingToolError} no Java 17, no Maven
 * @throws {InstallError} the jars could not be fetched
 * @throws {PortTakenError} `port` is not free on every address
 * @throws {NotReadyError} a node died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using cassandra = await startCassandra({ nodes: 2 });
 * await cassandra.nodes[1]!.kill();
 */
export async function startCassandra(options: CassandraOptions = {}, signal?: AbortSignal): Promise<RunningCassandra> {
  const instance = await Instance.start(cassandraKind, options, signal);
  const contactPoints = addressesOf(options);
  return {
    contactPoints,
    port: instance.ports["cql"]!,
    localDataCenter: DATA_CENTER,
    nodes: instance.nodes.map((node, i): CassandraNode => ({
      address: contactPoints[i]!,
      get running() {
        return node.running;
      },
      get pid() {
        return node.process?.record.pid;
      },
      kill: () => node.kill(),
      stop: () => node.stop(),
      start: (startSignal) => node.start(startSignal),
      pause: () => node.pause(),
      resume: () => node.resume(),
      nodetool: async (...args) => {
        const { code, lines } = await runProgram(nodetoolCommand(i, instance, await node.tools(), args));
        if (code !== 0) throw new ProgramError(`running nodetool ${args.join(" ")} on "${node.name}"`, code, lines);
        return lines.join("\n");
      },
    })),
    ...runningServer(instance),
  };
}
