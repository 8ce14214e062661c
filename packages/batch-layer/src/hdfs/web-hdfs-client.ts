import type { EventEmitter } from "node:events";

type Callback<T = unknown> = (error: Error | null, result?: T) => void;

/** What is asked of a client of the package `webhdfs`, version 1.2.0: `WebHDFS.createClient({ host, port, user })`. It has no types of its own. */
export interface WebHdfsClient {
  /** A `FileStatus`; an error when there is nothing of that name. */
  stat(path: string, callback: Callback): unknown;
  /** The `FileStatus` of what is in a folder. */
  readdir(path: string, callback: Callback): unknown;
  /** Removes. No error when HDFS did not. */
  unlink(path: string, recursive: boolean, callback: Callback): unknown;
  /** Emits `data`, `error`, and `finish` after either. */
  createReadStream(path: string): WebHdfsRequest;
  /** To be piped into. Emits `finish` when it is done or failed, `error` before it. */
  createWriteStream(path: string, append: boolean, options: object): WebHdfsRequest & NodeJS.WritableStream;
  /** The address of a call. Its `rename` has no `renameoptions`, and it has no checksums: this and `_sendRequest` make them. */
  _getOperationEndpoint(operation: string, path: string, parameters: object): string;
  /** A call, with its parsed answer. */
  _sendRequest(method: string, url: string, callback: (error: Error | null, response?: unknown, body?: unknown) => void): unknown;
}

/** What the client's calls give back. */
export interface WebHdfsRequest extends EventEmitter {
  /** Ends it, with an error. */
  abort(): void;
}
