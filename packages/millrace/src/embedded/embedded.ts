import { systemClock, type Clock, type Platform } from "@millrace/core";
import { lmdbLog } from "@millrace/core/lmdb";
import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { localFileSystem } from "@millrace/batch-layer/local";
import { lmdbViewStore } from "@millrace/speed-layer/lmdb";
import path from "node:path";
import { resolveDataDir } from "./data-dir.js";
import { pidRoleLock } from "./pid-role-lock.js";
import { sharedClock } from "./shared-clock-file.js";

/** How an embedded platform differs from an ordinary one. */
export interface EmbeddedOptions {
  /** Default: the system's, or the simulated time that the data directory has reached. */
  readonly clock?: Clock;
  /** Partitions of topics that do not exist yet. Default 3. */
  readonly newTopicPartitions?: number;
}

export interface EmbeddedPlatform extends Platform {
  /** Absolute. */
  readonly dataDir: string;
}

/**
 * Everything on one machine, no server: log and views in LMDB, master dataset and tables as Parquet on the local disk,
 * SQL by DuckDB. Processes may share the directory; each role runs once. `MILLRACE_DATA` overrides `dir`.
 *
 * Ports open at first use, each on its own, so that `{ ...embedded(dir), log: kafkaLog(...) }` opens no embedded log.
 *
 * @example
 * createLambda({ views: [songChart], platform: embedded("./data") })
 */
export function embedded(dir: string, options: EmbeddedOptions = {}): EmbeddedPlatform {
  const dataDir = resolveDataDir(dir);
  const clock = options.clock ?? sharedClock(dataDir, systemClock());
  const files = localFileSystem({ root: path.join(dataDir, "files") });
  return {
    dataDir,
    clock,
    files,
    newTopicPartitions: options.newTopicPartitions ?? 3,
    log: lmdbLog({ path: path.join(dataDir, "log"), clock }),
    store: lmdbViewStore({ path: path.join(dataDir, "store"), clock }),
    engine: duckdbEngine({ files }),
    roles: pidRoleLock(path.join(dataDir, "locks")),
  };
}
