export { prestoEngine, type PrestoEngineOptions } from "./presto-engine.js";
export { prestoDialect, trinoDialect } from "./presto-dialect.js";
export { PrestoLostError, PrestoRefusedError } from "./presto-protocol.js";
export type { OpenPresto, PrestoFailure, PrestoPage, PrestoRequests, PrestoStatement } from "./presto-protocol.js";
export { generationOfMergedView, mergedView, mergedViewName, mergedViewProblem, MAX_MERGED_VIEW_CHARACTERS, type MergedViewOptions, type MergedViewPlace } from "./merged-view.js";
export type { ListedBuckets, PartitionStart } from "./chain-sql.js";
