import path from "node:path";
import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import type { RunningMetastore } from "../metastore/start-metastore.js";
import { startMetastore } from "../metastore/start-metastore.js";
import { sparkKind } from "./spark-kind.js";
import type { SparkOptions } from "./spark-options.js";

/** A Spark that runs SQL. */
export interface RunningSpark extends RunningServer {
  readonly host: string;
  /** Port of the Thrift Server: the protocol of HiveServer2, `PLAIN` with any user and any password. */
  readonly port: number;
  /** The metastore that was started with it; undefined where one was given. */
  readonly metastore: RunningMetastore | undefined;
  readonly thrift: NodeHandle;
  /** Stops it, and its own metastore. Without a `runDir` of yours all data in it go. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the Thrift Server of Spark 4.1, and a metastore unless one is given, as plain processes on 127.0.0.1, and
 * resolves when a statement has asked the metastore. Needs Java 17, and Python's pip for the first time. It reads
 * `file://` and `hdfs://`.
 *
 * Both end with this process, however it ends.
 *
 * @throws {MissingToolError} no Java 17, no pip
 * @throws {InstallError} Spark's archive could not be fetched
 * @throws {PortTakenError} `port` is not free
 * @throws {NotReadyError} a process died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using hdfs = await startHdfs();
 * await using spark = await startSpark({ hdfs });
 * await spark.metastore!.node.kill();
 */
export async function startSpark(options: SparkOptions = {}, signal?: AbortSignal): Promise<RunningSpark> {
  const { runDir, cache, readyLimitMs, progress, hdfs } = options;
  const below = (name: string): { readonly runDir?: string } => (runDir === undefined ? {} : { runDir: path.join(path.resolve(runDir), name) });
  const common = { ...(cache === undefined ? {} : { cache }), ...(readyLimitMs === undefined ? {} : { readyLimitMs }), ...(progress === undefined ? {} : { progress }) };
  const metastore = options.metastore === undefined ? await startMetastore({ ...common, ...(hdfs === undefined ? {} : { hdfs }), ...below("metastore") }, signal) : undefined;
  let instance: Instance;
  try {
    instance = await Instance.start(sparkKind, { ...options, metastore: options.metastore ?? metastore!, ...below("spark") }, signal);
  } catch (error) {
    await metastore?.stop();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await instance.stop();
    await metastore?.stop();
  };
  return {
    ...sparkAccess(instance),
    metastore,
    thrift: nodeHandle(instance.nodes[0]!),
    ...runningServer({ runDir: runDir === undefined ? instance.runDir : path.resolve(runDir), stop }),
  };
}

/** How clients reach an instance. */
export const sparkAccess = ({ ports }: Pick<Instance, "ports">): Pick<RunningSpark, "host" | "port"> => ({ host: "127.0.0.1", port: ports["thrift"]! });
