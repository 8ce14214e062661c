import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import { readJsonFile } from "../files/read-json-file.js";
import type { LogPartition } from "../log/position.js";
import type { FileSystem } from "../ports/file-system.js";
import { quietRecordPath } from "./manifest-path.js";

/** What ingest knows of a partition without new records: a cut at an instant need not wait for it. */
export interface QuietRecord {
  readonly format: 1;
  /** No record with `appendedAt` below this instant (epoch ms) lies at or above `until`. */
  readonly through: number;
  /** Where the last manifest ended. */
  readonly until: number;
}

/** Replaces what is known of a quiet partition. */
export async function writeQuietRecord(files: FileSystem, partition: LogPartition, record: Omit<QuietRecord, "format">, signal: AbortSignal): Promise<void> {
  const content: QuietRecord = { format: 1, through: record.through, until: record.until };
  await files.replace(quietRecordPath(partition), new TextEncoder().encode(`${JSON.stringify(content)}\n`), signal);
}

/** The newest record of a partition, or null when it was never quiet. */
export async function readQuietRecord(files: FileSystem, partition: LogPartition, signal: AbortSignal): Promise<QuietRecord | null> {
  const path = quietRecordPath(partition);
  const record = (await readJsonFile(files, path, signal)) as Partial<QuietRecord> | null | undefined;
  if (record === undefined) return null;
  if (record?.format !== 1 || !Number.isFinite(record.through) || !Number.isInteger(record.until)) {
    throw new UnreadableFileError(path, "it is not a quiet record of format 1");
  }
  return record as QuietRecord;
}
