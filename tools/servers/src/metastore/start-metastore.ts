import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import { metastoreKind } from "./metastore-kind.js";
import type { MetastoreOptions } from "./metastore-options.js";
import { warehouseOf } from "./metastore-options.js";

/** A metastore that answers. */
export interface RunningMetastore extends RunningServer {
  /** `thrift://127.0.0.1:<port>`. */
  readonly uri: string;
  /** Where tables without a place of their own go: a folder of this machine or of HDFS. */
  readonly warehouse: string;
  readonly node: NodeHandle;
}

/**
 * Starts the metastore of Hive 2.3.10 as a plain process on 127.0.0.1 and resolves when it has told its databases. Needs
 * Java 17, and Python's pip for the first time. What it was told survives `kill -9`.
 *
 * It ends with this process, however that ends.
 *
 * @throws {MissingToolError} no Java 17, no pip
 * @throws {InstallError} Spark's archive could not be fetched
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} it died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else, or with another HDFS
 *
 * @example
 * await using hdfs = await startHdfs();
 * await using metastore = await startMetastore({ hdfs });
 */
export async function startMetastore(options: MetastoreOptions = {}, signal?: AbortSignal): Promise<RunningMetastore> {
  const instance = await Instance.start(metastoreKind, options, signal);
  return {
    ...metastoreAccess(instance, options),
    node: nodeHandle(instance.nodes[0]!),
    ...runningServer(instance),
  };
}

/** How clients reach an instance. */
export const metastoreAccess = ({ ports, runDir }: Pick<Instance, "ports" | "runDir">, options: Pick<MetastoreOptions, "hdfs">): Pick<RunningMetastore, "uri" | "warehouse"> => ({
  uri: `thrift://127.0.0.1:${ports["thrift"]}`,
  warehouse: warehouseOf(options, runDir),
});
