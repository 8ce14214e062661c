import { listGenerationNumbers, readCurrent, type Clock, type FileSystem, type Manifest, type TableCatalog } from "@millrace/core";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";
import { prune } from "../run/prune.js";
import { RunOptionError } from "../run/run-errors.js";
import { aimOf, listRunRecords } from "../run/run-record.js";
import { RunAtWorkError } from "./erase-errors.js";
import { filesWithErased, hasErased, segmentOf, segmentOfPath } from "./erasure-remains.js";

export interface PruneErased {
  readonly files: FileSystem;
  readonly catalog: TableCatalog | undefined;
  readonly clock: Clock;
  /** Refreshed. */
  readonly datasets: readonly TopicDataset[];
  /** Nobody else can run the batch layer now: runs that seem to be at work are dead. */
  readonly alone: boolean;
  /** A generation stays this long after it was replaced, ms. */
  readonly graceMs: number;
}

/** What was removed. */
export interface PrunedErased {
  readonly generations: readonly number[];
  /** Versions of tables. */
  readonly versions: number;
  /** Files of the master dataset. */
  readonly files: number;
}

/**
 * Removes what still holds erased records and is not needed: generations that have not applied every erasure, once no
 * query reads them, their tables, and files of the master dataset of which another reading has the other records. May be
 * repeated, and after dying anywhere is: a manifest goes before its files, and files that nobody names go as well.
 *
 * @throws {RunOptionError} while the current generation has not applied every erasure.
 * @throws {RunAtWorkError} while a run may read these files or write such.
 */
export async function pruneErased({ files, catalog, clock, datasets, alone, graceMs }: PruneErased, signal: AbortSignal): Promise<PrunedErased> {
  const current = await readCurrent(files, signal);
  for (const dataset of datasets) {
    if (dataset.erasures.length > (current?.erasures?.[dataset.topic] ?? 0)) throw new RunOptionError("removing what holds erased records", `erasures of "${dataset.topic}" are not applied yet: run the batch layer first`);
  }
  if (!alone) await refuseWhileRunning(files, signal);
  const pruned = await prune({ files, ...(catalog === undefined ? {} : { catalog }) }, clock, { keep: Infinity, graceMs, without: (generation) => datasets.some((dataset) => dataset.erasures.length > 0 && hasErased(generation, dataset)) }, signal);
  let removed = 0;
  for (const dataset of datasets) removed += await pruneFiles(files, dataset, signal);
  return { generations: pruned.generations, versions: pruned.versions.length, files: removed };
}

async function refuseWhileRunning(files: FileSystem, signal: AbortSignal): Promise<void> {
  const records = await listRunRecords(files, signal);
  const highest = (await listGenerationNumbers(files, signal)).at(-1) ?? 0;
  const running = records.find(({ id }) => (aimOf(id) ?? 0) > highest);
  if (running !== undefined) throw new RunAtWorkError(running.id);
}

async function pruneFiles(files: FileSystem, dataset: TopicDataset, signal: AbortSignal): Promise<number> {
  const removable = new Map<string, (owner: Manifest | undefined) => boolean>();
  const owners = new Map<string, Manifest>();
  for (const committed of dataset.erasedSegments()) {
    const clean = dataset.cleanReadings(committed);
    // Another reading can be made from one of the same declaration, or from one with the original bytes.
    const serves = (owner: Manifest | undefined) => clean.some(({ streamFingerprint, raw }) => raw !== false || streamFingerprint === owner?.streamFingerprint);
    removable.set(segmentOf(committed), serves);
    for (const reading of dataset.readings(committed)) {
      if (clean.includes(reading)) continue;
      for (const path of pathsOf(reading)) owners.set(path, reading);
      const manifest = dataset.pathOf(reading);
      if (manifest !== undefined && serves(reading)) await files.remove(manifest, signal);
    }
  }
  const removed = new Set<string>();
  for (const path of await filesWithErased(files, dataset, signal)) {
    if (removable.get(segmentOfPath(path)!)?.(owners.get(path)) !== true) continue;
    await files.remove(path, signal);
    removed.add(path);
  }
  // What nobody named when it was removed may have been somebody's who was about to name it: he looks again after that,
  // and a manifest that came between is taken back, to be made again.
  await dataset.refresh(signal);
  for (const committed of dataset.erasedSegments()) {
    for (const reading of dataset.readings(committed)) {
      const manifest = dataset.pathOf(reading);
      if (manifest !== undefined && pathsOf(reading).some((path) => removed.has(path))) await files.remove(manifest, signal);
    }
  }
  return removed.size;
}

const pathsOf = ({ files, deadLetterFile }: Manifest): readonly string[] => [...files.map(({ path }) => path), ...(deadLetterFile === null ? [] : [deadLetterFile.path])];
