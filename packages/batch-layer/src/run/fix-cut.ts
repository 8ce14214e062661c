import {
  onAbort,
  partitionName,
  readGridRecord,
  readJsonFile,
  readQuietRecord,
  UnreadableFileError,
  type Clock,
  type Cut,
  type CutPosition,
  type EventLog,
  type FileSystem,
  type LogPartition,
} from "@millrace/core";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";
import { CutNotReachedError, RunOptionError } from "./run-errors.js";

/** How often a cut at an instant is looked for again, ms. */
const LOOK_AGAIN_MS = 1_000;

/** Where the cut of an instant is recorded, once. */
export const recordedCutPath = (cutAt: number): string => `cuts/${new Date(cutAt).toISOString().replaceAll(":", "")}.json`;

/** The end of every partition's newest segment. */
export function newestCut(datasets: ReadonlyMap<string, TopicDataset>): Cut {
  const cut: Record<string, readonly CutPosition[]> = {};
  for (const [topic, dataset] of datasets) {
    const positions = dataset.newest();
    if (positions.length > 0) cut[topic] = positions;
  }
  return cut;
}

export interface CutAtInstant {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly datasets: ReadonlyMap<string, TopicDataset>;
  /** Epoch ms: a multiple of the grid's time. */
  readonly cutAt: number;
  /** Epoch ms of the clock: when to give up waiting. */
  readonly deadline: number;
}

/**
 * The cut before the first record with `appendedAt >= cutAt` of every partition, waiting until each is sealed or quiet
 * that far: never less. It is recorded create-without-overwrite, so a later run of the same instant gets the same.
 *
 * @throws {CutNotReachedError} at the deadline, naming the partitions.
 */
export async function cutAtInstant(options: CutAtInstant, signal: AbortSignal): Promise<Cut> {
  const { files, clock, datasets, cutAt, deadline } = options;
  const recorded = await readRecordedCut(files, cutAt, signal);
  if (recorded !== null) return recorded;
  for (;;) {
    const cut: Record<string, readonly CutPosition[]> = {};
    const missing: string[] = [];
    for (const [topic, dataset] of datasets) {
      await dataset.refresh(signal);
      const description = await options.log.describe(topic, signal);
      if (description.timestamps === "create") throw new RunOptionError(`cutting at ${new Date(cutAt).toISOString()}`, `topic "${topic}" has no broker clock`);
      const positions: CutPosition[] = [];
      for (const { partition, logVersion } of description.partitions) {
        const at = { topic, partition, logVersion };
        const offset = await cutOfPartition(options, dataset, at, signal);
        if (offset === undefined) missing.push(`"${partitionName(at)}"`);
        else if (dataset.manifests(at).length > 0) positions.push({ partition, logVersion, offset });
      }
      if (positions.length > 0) cut[topic] = positions;
    }
    if (missing.length === 0) return recordCut(files, cutAt, cut, signal);
    const now = clock.now();
    if (now >= deadline) throw new CutNotReachedError(cutAt, missing);
    await clock.sleep(Math.min(LOOK_AGAIN_MS, deadline - now), signal);
  }
}

/** Undefined while the partition is not known that far. */
async function cutOfPartition(options: CutAtInstant, dataset: TopicDataset, at: LogPartition, signal: AbortSignal): Promise<number | undefined> {
  const { log, files, cutAt } = options;
  const record = await readGridRecord(files, at.topic, at.partition, signal);
  if (record === null) return undefined;
  const { segmentMs } = record.grid;
  if (segmentMs !== null && cutAt % segmentMs !== 0) {
    throw new RunOptionError(`cutting at ${new Date(cutAt).toISOString()}`, `the grid of "${partitionName(at)}" has a line every ${segmentMs} ms, and the instant is on none`);
  }
  const manifests = dataset.manifests(at);
  // The first record at or after the instant opens a segment: a multiple of the grid's time lies between it and those before.
  const after = manifests.find(({ receivedAt }) => receivedAt >= cutAt);
  if (after !== undefined) return after.previous;
  const until = manifests.at(-1)?.until ?? record.origin;
  const quiet = await readQuietRecord(files, at, signal);
  if (quiet !== null && quiet.until === until && quiet.through >= cutAt) return until;
  // The segment being filled may have begun after the instant.
  const first = await firstRecordFrom(log, at, until, signal);
  return first !== undefined && first >= cutAt ? until : undefined;
}

/** Broker time of the first record at or above an offset; undefined when there is none yet. */
async function firstRecordFrom(log: EventLog, { topic, partition }: LogPartition, from: number, signal: AbortSignal): Promise<number | undefined> {
  const reading = new AbortController();
  signal.throwIfAborted();
  const forget = onAbort(signal, () => reading.abort(signal.reason));
  try {
    for await (const batch of log.read({ topic, partition, from, maxRecords: 1 }, reading.signal)) {
      if (batch.length > 0) return batch.appendedAt[0];
      if (batch.position >= batch.end) return undefined;
    }
    return undefined;
  } finally {
    forget();
    reading.abort();
  }
}

async function readRecordedCut(files: FileSystem, cutAt: number, signal: AbortSignal): Promise<Cut | null> {
  const path = recordedCutPath(cutAt);
  const record = (await readJsonFile(files, path, signal)) as { readonly format?: unknown; readonly cutAt?: unknown; readonly cut?: Cut } | null | undefined;
  if (record === undefined) return null;
  if (record?.format !== 1 || record.cutAt !== cutAt || record.cut === undefined) throw new UnreadableFileError(path, "it is not the cut of this instant in format 1");
  return record.cut;
}

async function recordCut(files: FileSystem, cutAt: number, cut: Cut, signal: AbortSignal): Promise<Cut> {
  const content = new TextEncoder().encode(`${JSON.stringify({ format: 1, cutAt, cut })}\n`);
  if (await files.putIfAbsent(recordedCutPath(cutAt), content, signal)) return cut;
  const recorded = await readRecordedCut(files, cutAt, signal);
  if (recorded === null) throw new UnreadableFileError(recordedCutPath(cutAt), "it exists and cannot be read");
  return recorded;
}
