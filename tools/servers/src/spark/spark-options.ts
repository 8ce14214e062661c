import type { InstanceOptions } from "../instance/instance.js";

/** What `startSpark` takes. */
export interface SparkOptions extends InstanceOptions {
  /** The HDFS that paths without a scheme mean. Files of any HDFS, and of this machine, are read by their whole name in any case. Default: this machine. */
  readonly hdfs?: { readonly uri: string };
  /** The metastore that knows the tables, and where those without a place of their own go. Default: one of its own, which starts and stops with it. */
  readonly metastore?: { readonly uri: string; readonly warehouse?: string };
  /** Port of the Thrift Server. Default: a free one. */
  readonly port?: number;
  /** Settings over ours, as in `spark-defaults.conf`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Cores, which are also the partitions of a shuffle. Default 2. */
  readonly cores?: number;
  /** Largest heap of the Thrift Server, MB. Default 1024. */
  readonly heapMb?: number;
}
