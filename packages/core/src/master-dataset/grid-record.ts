import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import { readJsonFile } from "../files/read-json-file.js";
import type { Grid } from "../log/grid.js";
import type { LogPartition } from "../log/position.js";
import type { FileSystem } from "../ports/file-system.js";
import { GridMismatchError } from "./grid-mismatch-error.js";
import { gridRecordPath } from "./manifest-path.js";

/** What was written once when Millrace first read a partition: every process must agree with it. */
export interface GridRecord extends LogPartition {
  readonly format: 1;
  readonly grid: Grid;
  /** The first offset of the partition that Millrace ever reads. The first segment's `previous` is this. */
  readonly origin: number;
}

export interface GridClaim extends LogPartition {
  readonly grid: Grid;
  /** The first offset that is there now; counts only for the process that writes the record. */
  readonly origin: number;
}

/**
 * Records grid, origin and log version of a partition, create-without-overwrite, or returns what is recorded. The
 * recorded origin stands: logs are trimmed, so a later process may propose a later one.
 *
 * @throws {GridMismatchError} when S, T or the log version differ from the record.
 */
export async function claimGridRecord(files: FileSystem, claim: GridClaim, signal: AbortSignal): Promise<GridRecord> {
  const { topic, partition, logVersion, grid, origin } = claim;
  let record = await readGridRecord(files, topic, partition, signal);
  if (record === null) {
    const mine: GridRecord = {
      format: 1,
      topic,
      logVersion,
      partition,
      grid: { segmentOffsets: grid.segmentOffsets, segmentMs: grid.segmentMs },
      origin,
    };
    const path = gridRecordPath(topic, partition);
    if (await files.putIfAbsent(path, new TextEncoder().encode(`${JSON.stringify(mine)}\n`), signal)) return mine;
    record = await readGridRecord(files, topic, partition, signal);
    if (record === null) throw new UnreadableFileError(path, "it exists and cannot be read");
  }
  const differ = (field: string, recorded: number | null, given: number | null) => {
    if (recorded !== given) throw new GridMismatchError(topic, partition, field, recorded, given);
  };
  differ("segment length in offsets", record.grid.segmentOffsets, grid.segmentOffsets);
  differ("segment length in ms", record.grid.segmentMs, grid.segmentMs);
  differ("log version", record.logVersion, logVersion);
  return record;
}

/**
 * The record of a partition, or null when Millrace never read it.
 *
 * @throws {UnreadableFileError} when the record is torn.
 */
export async function readGridRecord(files: FileSystem, topic: string, partition: number, signal: AbortSignal): Promise<GridRecord | null> {
  const path = gridRecordPath(topic, partition);
  const record = (await readJsonFile(files, path, signal)) as Partial<GridRecord> | null | undefined;
  if (record === undefined) return null;
  if (record?.format !== 1 || record.grid === undefined || !Number.isInteger(record.origin) || !Number.isInteger(record.logVersion)) {
    throw new UnreadableFileError(path, "it is not a grid record of format 1");
  }
  return record as GridRecord;
}
