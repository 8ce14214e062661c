import type { FileSystem } from "@millrace/core";
import { clientCalls } from "./client-calls.js";
import { filesOn, type HdfsFilesOptions } from "./hdfs-files.js";
import type { WebHdfsClient } from "./web-hdfs-client.js";

/** What `fromWebHdfs` takes beside the client. */
export interface FromWebHdfsOptions extends HdfsFilesOptions {
  /** What SQL engines call the file system: `hdfs://nn1.example:8020`. */
  readonly fileSystemUri: string;
  /** A call fails that has no answer for so long. Default 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Files in HDFS through a client of the npm package `webhdfs`, 1.2.0, that is set up already. The client reports failures
 * as done, so that the outcome of every change is looked at; it knows one NameNode, no delegation tokens, and passes no
 * DataNode that is dead. Where nothing speaks for it, `hdfsFileSystem` is the better choice.
 */
export function fromWebHdfs(client: WebHdfsClient, options: FromWebHdfsOptions): FileSystem {
  if (typeof client._sendRequest !== "function" || typeof client._getOperationEndpoint !== "function") throw new RangeError("fromWebHdfs takes a client of the package webhdfs, version 1.2.0");
  return filesOn(clientCalls(client, options.timeoutMs ?? 60_000), { ...options, defaultUri: options.fileSystemUri });
}
