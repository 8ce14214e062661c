import type { InstanceOptions } from "../instance/instance.js";

/** What `startMetastore` takes. */
export interface MetastoreOptions extends InstanceOptions {
  /** The HDFS that tables without a place of their own go to, below `/user/hive/warehouse`. Default: the folder `warehouse` of the run folder. */
  readonly hdfs?: { readonly uri: string };
  /** Port of Thrift. Default: a free one. */
  readonly port?: number;
  /** Settings over ours, as in `hive-site.xml` and `core-site.xml`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Largest heap, MB. Default 512. */
  readonly heapMb?: number;
}

/** Where tables without a place of their own go. */
export const warehouseOf = ({ hdfs }: Pick<MetastoreOptions, "hdfs">, runDir: string): string => (hdfs === undefined ? `file://${runDir}/warehouse` : `${hdfs.uri}/user/hive/warehouse`);
