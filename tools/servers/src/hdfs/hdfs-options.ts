import type { InstanceOptions } from "../instance/instance.js";

/** What `startHdfs` takes. */
export interface HdfsOptions extends InstanceOptions {
  /** Port of the NameNode for `hdfs://`. Default: a free one. */
  readonly port?: number;
  /** Port of the NameNode for HTTP: WebHDFS and its pages. Default: a free one. */
  readonly webPort?: number;
  /** Settings over ours, as in `hdfs-site.xml` and `core-site.xml`, for both processes. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Largest heap of each of the two processes, MB. Default 256. */
  readonly heapMb?: number;
}
