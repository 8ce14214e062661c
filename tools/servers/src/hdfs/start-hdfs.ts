import { Instance } from "../instance/instance.js";
import { runningServer, type RunningServer } from "../instance/running-server.js";
import type { NodeHandle } from "../instance/node-handle.js";
import { nodeHandle } from "../instance/node-handle.js";
import { hdfsKind } from "./hdfs-kind.js";
import type { HdfsOptions } from "./hdfs-options.js";
import { HDFS_USER } from "./hdfs-settings.js";

/** An HDFS that takes and gives files. */
export interface RunningHdfs extends RunningServer {
  /** `hdfs://127.0.0.1:<port>`, as Spark and Presto name it. */
  readonly uri: string;
  /** `http://127.0.0.1:<port>`: WebHDFS is below `/webhdfs/v1`. */
  readonly webUrl: string;
  /** The same as `host:port`, as `hdfsFileSystem` takes it. */
  readonly webAddress: string;
  /** The user that may do everything. */
  readonly user: string;
  readonly nameNode: NodeHandle;
  readonly dataNode: NodeHandle;
}

/**
 * Starts HDFS 3.5, a NameNode and a DataNode, as plain processes on 127.0.0.1, and resolves when the NameNode is out of
 * safe mode and a file that was written has been read back. Needs Java 17, and Maven for the first time. Files that
 * were closed survive `kill -9` of either.
 *
 * A file has one replica, blocks of 16 MiB, and no permissions are checked; `settings` change that. A dead DataNode is
 * noticed after 20 s. `start` of a node waits until files can be written and read where the other one runs.
 *
 * Both end with this process, however it ends.
 *
 * @throws {MissingToolError} no Java 17, no Maven
 * @throws {InstallError} the jars could not be fetched
 * @throws {PortTakenError} `port` or `webPort` is not free
 * @throws {NotReadyError} a process died or did not answer within `readyLimitMs`; has the end of its log
 * @throws {RunFolderError} `runDir` was made for something else
 *
 * @example
 * await using hdfs = await startHdfs();
 * await hdfs.dataNode.kill();
 * await hdfs.dataNode.start();
 */
export async function startHdfs(options: HdfsOptions = {}, signal?: AbortSignal): Promise<RunningHdfs> {
  const instance = await Instance.start(hdfsKind, options, signal);
  const [nameNode, dataNode] = instance.nodes;
  return {
    ...hdfsAccess(instance),
    nameNode: nodeHandle(nameNode!, [dataNode!]),
    dataNode: nodeHandle(dataNode!, [nameNode!]),
    ...runningServer(instance),
  };
}

/** How clients reach an instance. */
export const hdfsAccess = ({ ports }: Pick<Instance, "ports">): Pick<RunningHdfs, "uri" | "webUrl" | "webAddress" | "user"> => ({
  uri: `hdfs://127.0.0.1:${ports["namenode"]}`,
  webUrl: `http://127.0.0.1:${ports["namenode-web"]}`,
  webAddress: `127.0.0.1:${ports["namenode-web"]}`,
  user: HDFS_USER,
});
