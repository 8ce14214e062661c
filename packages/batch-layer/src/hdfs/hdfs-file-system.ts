import type { FileSystem } from "@millrace/core";
import { filesOn, type HdfsFilesOptions } from "./hdfs-files.js";
import { serverAddress, webHdfsCalls, type WebHdfsOptions } from "./web-hdfs-calls.js";

/** What `hdfsFileSystem` takes. */
export interface HdfsFileSystemOptions extends WebHdfsOptions, HdfsFilesOptions {}

/**
 * Files in HDFS, over WebHDFS. Visible files are whole: each is written under a temporary name, its checksum compared
 * with HDFS's, and renamed in one step. Nothing is opened before first use.
 *
 * @example
 * hdfsFileSystem({ nameNodes: ["nn1.example:9870", "nn2.example:9870"], user: "shop", root: "/shop", fileSystemUri: "hdfs://shop" })
 */
export function hdfsFileSystem(options: HdfsFileSystemOptions): FileSystem {
  const [first] = options.nameNodes;
  if (first === undefined) throw new RangeError("hdfsFileSystem needs at least one address in `nameNodes`");
  const { protocol, host } = serverAddress(first);
  return filesOn(webHdfsCalls(options), { ...options, defaultUri: `${protocol === "https:" ? "swebhdfs" : "webhdfs"}://${host}` });
}
