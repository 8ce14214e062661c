export { lmdbLog, type LmdbLog, type LmdbLogOptions, type StampedRecord } from "./lmdb-log.js";
export { openLmdb, type LmdbEnvironment } from "./lmdb-environment.js";
