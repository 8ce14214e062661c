import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import { prestoKind } from "./presto-kind.js";
import type { PrestoOptions } from "./presto-options.js";

/** A Presto that answers. */
export interface RunningPresto extends RunningServer {
  readonly host: string;
  /** Port of HTTP. */
  readonly port: number;
  readonly node: NodeHandle;
}

/**
 * Starts Presto 0.283, coordinator and worker in one plain process, and resolves when it knows itself as an active node
 * and has run a statement. Needs Java 17, Maven for the first time, and 5 GB of free space then. It has the catalogs
 * `memory`, `hive` where a metastore is given, and `cassandra` where nodes are given; what these name need not run yet.
 *
 * HTTP and JMX are on 127.0.0.1. Two more listeners are on all addresses, at random ports: that of Presto's Thrift, which
 * has no setting for an address, and one of JMX that refuses other machines.
 *
 * It ends with this process, however that ends.
 *
 * @throws {MissingToolError} no Java 17, no Maven
 * @throws {InstallError} the server could not be fetched
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} it died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using hdfs = await startHdfs();
 * await using spark = await startSpark({ hdfs });
 * await using presto = await startPresto({ hdfs, metastore: spark.metastore! });
 */
export async function startPresto(options: PrestoOptions = {}, signal?: AbortSignal): Promise<RunningPresto> {
  const instance = await Instance.start(prestoKind, options, signal);
  return {
    ...prestoAccess(instance),
    node: nodeHandle(instance.nodes[0]!),
    ...runningServer(instance),
  };
}

/** How clients reach an instance. */
export const prestoAccess = ({ ports }: Pick<Instance, "ports">): Pick<RunningPresto, "host" | "port"> => ({ host: "127.0.0.1", port: ports["http"]! });
