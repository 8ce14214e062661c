import { readJsonFile, UnreadableFileError } from "@millrace/core";
import type { FileSystem, LogPartition } from "@millrace/core";

/** Up to where a sink holds the rows of one partition: replaced after each sink batch is durable. */
export interface OutputPosition {
  readonly format: 1;
  readonly logVersion: number;
  /** Offset after the last record of the last sink batch written; the next batch starts at the record after it. */
  readonly until: number;
}

/** `outputs/<sink>/<topic>-p<partition>.json`; what of the sink's name could not be a file's is percent-encoded. */
export const outputPositionPath = (sink: string, topic: string, partition: number): string =>
  `outputs/${encodeURIComponent(sink).replaceAll(".", "%2E")}/${topic}-p${partition}.json`;

/**
 * The position of a sink in a partition, or null when nothing of this log version was written.
 *
 * @throws {UnreadableFileError} when the file is torn, or speaks of a later log version.
 */
export async function readOutputPosition(files: FileSystem, sink: string, partition: LogPartition, signal: AbortSignal): Promise<number | null> {
  const path = outputPositionPath(sink, partition.topic, partition.partition);
  const position = (await readJsonFile(files, path, signal)) as Partial<OutputPosition> | null | undefined;
  if (position === undefined) return null;
  if (position?.format !== 1 || !Number.isInteger(position.until) || !Number.isInteger(position.logVersion)) {
    throw new UnreadableFileError(path, "it is not an output position of format 1");
  }
  if (position.logVersion! > partition.logVersion) {
    throw new UnreadableFileError(path, `it is of log version ${position.logVersion}, and the log is at ${partition.logVersion}`);
  }
  return position.logVersion === partition.logVersion ? position.until! : null;
}

export async function writeOutputPosition(files: FileSystem, sink: string, partition: LogPartition, until: number, signal: AbortSignal): Promise<void> {
  const position: OutputPosition = { format: 1, logVersion: partition.logVersion, until };
  await files.replace(
    outputPositionPath(sink, partition.topic, partition.partition),
    new TextEncoder().encode(`${JSON.stringify(position)}\n`),
    signal,
  );
}
