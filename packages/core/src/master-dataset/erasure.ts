import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import { readJsonFile } from "../files/read-json-file.js";
import type { LogPartition } from "../log/position.js";
import type { FileSystem } from "../ports/file-system.js";
import { erasurePath, erasuresFolder } from "./manifest-path.js";

/**
 * Records of a topic that are to be forgotten, by their coordinates alone: what they held is not repeated here. Once the
 * record is there, every batch run builds without them, and so does whoever writes their segments again.
 */
export interface Erasure {
  readonly format: 1;
  readonly topic: string;
  /** From 1, without holes. */
  readonly number: number;
  /** Epoch ms. */
  readonly at: number;
  /** The columns that were asked by. */
  readonly columns: readonly string[];
  /** All of them lie in committed segments. */
  readonly records: readonly ErasedRecords[];
}

/** Offsets of one partition, growing. */
export interface ErasedRecords {
  readonly logVersion: number;
  readonly partition: number;
  readonly offsets: readonly number[];
}

/**
 * The erasures of a topic, in order.
 *
 * @throws {UnreadableFileError} when one is torn or missing.
 */
export async function readErasures(files: FileSystem, topic: string, signal: AbortSignal): Promise<readonly Erasure[]> {
  // Each was created when all before it were there; but a listing is no snapshot and may name a later one alone.
  const highest = (await files.list(erasuresFolder(topic), signal)).reduce((max, { path }) => Math.max(max, Number(/\/(\d{8,})\.json$/.exec(path)?.[1] ?? 0)), 0);
  const erasures: Erasure[] = [];
  for (let number = 1; number <= highest; number++) {
    const path = erasurePath(topic, number);
    const erasure = (await readJsonFile(files, path, signal)) as Partial<Erasure> | null | undefined;
    if (erasure === undefined) throw new UnreadableFileError(path, `it is missing, although erasure ${highest} exists`);
    if (erasure?.format !== 1 || erasure.number !== number || !Array.isArray(erasure.records)) throw new UnreadableFileError(path, `it is not erasure ${number} in format 1`);
    erasures.push(erasure as Erasure);
  }
  return erasures;
}

/** Records an erasure under the next number, create-without-overwrite: from then on it is certain. */
export async function recordErasure(files: FileSystem, erasure: Omit<Erasure, "format" | "number">, signal: AbortSignal): Promise<Erasure> {
  for (let number = (await readErasures(files, erasure.topic, signal)).length + 1; ; number++) {
    const { topic, at, columns, records } = erasure;
    const mine: Erasure = { format: 1, topic, number, at, columns, records };
    if (await files.putIfAbsent(erasurePath(topic, number), new TextEncoder().encode(`${JSON.stringify(mine)}\n`), signal)) return mine;
  }
}

/** The offsets in `[from, until)` of a partition that some erasure names, growing. */
export function erasedOffsets(erasures: readonly Erasure[], { logVersion, partition }: LogPartition, from: number, until: number): readonly number[] {
  const found = new Set<number>();
  for (const { records } of erasures) {
    for (const of of records) {
      if (of.logVersion !== logVersion || of.partition !== partition) continue;
      for (const offset of of.offsets) if (offset >= from && offset < until) found.add(offset);
    }
  }
  return [...found].sort((a, b) => a - b);
}
