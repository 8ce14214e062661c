import type { InstanceOptions } from "../instance/instance.js";

/** What `startPresto` takes. */
export interface PrestoOptions extends InstanceOptions {
  /** The metastore whose tables are in the catalog `hive`. Default: none, and no such catalog. */
  readonly metastore?: { readonly uri: string };
  /** The HDFS that paths without a scheme mean. Files of any HDFS, and of this machine, are read by their whole name in any case. Default: this machine. */
  readonly hdfs?: { readonly uri: string };
  /** The nodes whose tables are in the catalog `cassandra`. Default: none, and no such catalog. */
  readonly cassandra?: { readonly contactPoints: readonly string[]; readonly port: number };
  /** Port of HTTP. Default: a free one. */
  readonly port?: number;
  /** Settings over ours, as in `config.properties`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Largest heap, MB. Default 1024. */
  readonly heapMb?: number;
}
