export { fromWebHdfs, type FromWebHdfsOptions } from "./from-web-hdfs.js";
export { hdfsSink, type HdfsSinkOptions } from "./hdfs-sink.js";
export { hdfsFileSystem, type HdfsFileSystemOptions } from "./hdfs-file-system.js";
export type { HdfsFilesOptions } from "./hdfs-files.js";
export type { HdfsHttpRequest, WebHdfsOptions } from "./web-hdfs-calls.js";
export type { WebHdfsClient, WebHdfsRequest } from "./web-hdfs-client.js";
