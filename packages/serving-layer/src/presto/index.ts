export { prestoEngine, type PrestoEngineOptions } from "./presto-engine.js";
export { prestoDialect, trinoDialect } from "./presto-dialect.js";
export { PrestoLostError, PrestoRefusedError } from "./presto-protocol.js";
export type { OpenPresto, PrestoFailure, PrestoPage, PrestoRequests, PrestoStatement } from "./presto-protocol.js";
