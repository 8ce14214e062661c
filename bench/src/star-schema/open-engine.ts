import { duckdbEngine } from "@millrace/batch-layer/duckdb";
import { hiveEngine } from "@millrace/batch-layer/hive";
import type { FileSystem, SqlEngine } from "@millrace/core";

/** A Spark Thrift Server that reads the files of this machine. */
export interface SparkAddress {
  readonly host: string;
  readonly port: number;
}

/** Spark where an address is given, else DuckDB. */
export function openEngine(files: FileSystem, spark: SparkAddress | undefined): SqlEngine {
  return spark === undefined ? duckdbEngine({ files }) : hiveEngine({ files, ...spark });
}
