export { duckdbDialect } from "./duckdb-dialect.js";
export { duckdbEngine, type DuckdbEngineOptions } from "./duckdb-engine.js";
