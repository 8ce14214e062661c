import type { InstanceOptions } from "../instance/instance.js";

/** What `startCassandra` takes. */
export interface CassandraOptions extends InstanceOptions {
  /** One to three nodes, on 127.0.0.1, 127.0.0.2, 127.0.0.3 with the same ports and an even share of the ring each. Default 1. */
  readonly nodes?: 1 | 2 | 3;
  /** Port of CQL. Default: a free one. */
  readonly port?: number;
  /** Settings over ours, as in `cassandra.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Largest heap of a node, MB. Default: 512 for one node, 384 for each of several. */
  readonly heapMb?: number;
}
