export { hdfsFileSystem, type HdfsFileSystemOptions } from "./hdfs-file-system.js";
export type { HdfsFilesOptions } from "./hdfs-files.js";
export type { HdfsHttpRequest, WebHdfsOptions } from "./web-hdfs-calls.js";
