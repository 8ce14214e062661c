import type { Clock } from "./clock.js";
import type { EventLog } from "./event-log.js";
import type { FileSystem } from "./file-system.js";
import type { MergedViewsServer } from "./merged-views-server.js";
import type { RoleLock } from "./role-lock.js";
import type { SqlEngine } from "./sql-engine.js";
import type { TableCatalog } from "./table-catalog.js";
import type { ViewStore } from "./view-store.js";
import type { WorkerGroup } from "./worker-group.js";

/** A plain object of ports: `{ ...embedded(dir), log: kafkaLog(...) }` is a platform too. Nothing is opened before first use. */
export interface Platform {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  /** Where SQL users see the tables of the current generation. Absent: nowhere but here. */
  readonly catalog?: TableCatalog;
  /** Where SQL users see both layers in one. It reads what `catalog` shows, and a store that says where its rows lie. Absent: nowhere. */
  readonly mergedViews?: MergedViewsServer;
  readonly clock: Clock;
  /** Pauses: between flushes, attempts and looks. Default: the system's, also where `clock` is simulated. */
  readonly timers?: Clock;
  /** Absent where any number of processes may share a role. */
  readonly roles?: RoleLock;
  /** Shares the partitions among the processes of the speed layer, which are then not held to their role. Absent: one process works on all of them. */
  readonly workers?: WorkerGroup;
  /** Topics that do not exist yet are created with so many partitions. Absent: a missing topic is an error. */
  readonly newTopicPartitions?: number;
}
