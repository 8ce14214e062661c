import { FileNotFoundError, segmentEndPath, UnreadableFileError, type FileSystem, type LogPartition } from "@millrace/core";

/** Where a segment ends, once that is fixed: every redo and every rival uses it. */
export interface SegmentEnd {
  /** Offset after the last record. */
  readonly end: number;
  readonly sealedBy: "grid" | "quiet";
}

/** The fixed end of the segment that starts at `first`, or undefined while nobody fixed it. */
export async function readSegmentEnd(files: FileSystem, partition: LogPartition, first: number, signal: AbortSignal): Promise<SegmentEnd | undefined> {
  const path = segmentEndPath(partition, first);
  let text: string;
  try {
    text = new TextDecoder().decode(await files.read(path, signal));
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined;
    throw error;
  }
  const match = /^(\d+) (grid|quiet)\n$/.exec(text);
  if (match === null || Number(match[1]) <= first) throw new UnreadableFileError(path, "it is not the end of a segment");
  return { end: Number(match[1]), sealedBy: match[2] as SegmentEnd["sealedBy"] };
}

/** Fixes a segment's end, create-without-overwrite, and returns the end that counts: this one, or the one that was there. */
export async function fixSegmentEnd(files: FileSystem, partition: LogPartition, first: number, mine: SegmentEnd, signal: AbortSignal): Promise<SegmentEnd> {
  const path = segmentEndPath(partition, first);
  if (await files.putIfAbsent(path, new TextEncoder().encode(`${mine.end} ${mine.sealedBy}\n`), signal)) return mine;
  const fixed = await readSegmentEnd(files, partition, first, signal);
  if (fixed === undefined) throw new UnreadableFileError(path, "it exists and cannot be read");
  return fixed;
}
