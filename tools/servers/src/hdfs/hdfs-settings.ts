import path from "node:path";
import type { Place } from "../instance/server-kind.js";
import type { HdfsOptions } from "./hdfs-options.js";

/** The user that everything runs as. */
export const HDFS_USER = "hdfs";

/** Where NameNode and DataNode keep what they know, below a run folder. */
export const dataDirs = (runDir: string): { readonly name: string; readonly data: string } => ({ name: path.join(runDir, "namenode", "data"), data: path.join(runDir, "datanode", "data") });

const HOST = "127.0.0.1";

/** `core-site.xml` and `hdfs-site.xml` of NameNode and DataNode, which share one file. */
export function hdfsSettings(options: HdfsOptions, { runDir, ports }: Place): Readonly<Record<string, string>> {
  const at = (name: string): string => `${HOST}:${ports[name]}`;
  const dirs = dataDirs(runDir);
  return {
    "fs.defaultFS": `hdfs://${at("namenode")}`,
    "hadoop.tmp.dir": path.join(runDir, "tmp"),
    "hadoop.http.staticuser.user": HDFS_USER,
    // Servers that act for their users, a gateway for example, may do so.
    [`hadoop.proxyuser.${HDFS_USER}.hosts`]: "*",
    [`hadoop.proxyuser.${HDFS_USER}.groups`]: "*",
    // The DataNode starts beside the NameNode: it tries again every 100 ms, not every second.
    "ipc.client.connect.retry.interval": "100",
    "ipc.client.connect.max.retries": "100",

    "dfs.namenode.name.dir": `file://${dirs.name}`,
    "dfs.datanode.data.dir": `file://${dirs.data}`,
    "dfs.namenode.rpc-address": at("namenode"),
    "dfs.namenode.http-address": at("namenode-web"),
    "dfs.datanode.address": at("datanode"),
    "dfs.datanode.http.address": at("datanode-web"),
    "dfs.datanode.ipc.address": at("datanode-ipc"),
    "dfs.datanode.hostname": HOST,
    "dfs.client.use.datanode.hostname": "false",
    "dfs.namenode.datanode.registration.ip-hostname-check": "false",
    "dfs.replication": "1",
    "dfs.permissions.enabled": "false",
    // After a start every block is reported at once: there is nothing to wait for.
    "dfs.namenode.safemode.extension": "0",
    "dfs.namenode.safemode.min.datanodes": "1",
    // A lost DataNode is held for dead after 2 x recheck + 10 x heartbeat = 20 s, not after 10.5 minutes.
    "dfs.heartbeat.interval": "1",
    "dfs.namenode.heartbeat.recheck-interval": "5000",
    // The DataNode is the client of a WebHDFS write; its first wait of 400 ms is felt on every small file.
    "dfs.client.block.write.locateFollowingBlock.initial.delay.ms": "10",

    // A small machine.
    "dfs.blocksize": "16777216",
    "dfs.namenode.fs-limits.min-block-size": "0",
    "dfs.namenode.handler.count": "4",
    ...options.settings,
  };
}
