import { MillraceError } from "@millrace/core";

/** DuckDB was given a file system whose files are not of this machine. */
export class FilesElsewhereError extends MillraceError {
  readonly code = "FILES_ELSEWHERE";
  readonly retryable = false;

  /** `uri` is one of a file there. */
  constructor(engine: string, files: string, uri: string) {
    super(`running SQL on "${engine}": it reads files of this machine, and those of "${files}" are elsewhere ("${uri}")`, {
      advice: "take an engine that reads that file system, hiveEngine on Spark for HDFS, or localFileSystem for the files",
    });
  }
}
