import { erasesAsMuch, erasedOffsets, listGenerations, readCurrent, type EventLog, type FileSystem, type Generation, type Manifest } from "@millrace/core";
import type { TopicDataset } from "../master-dataset/topic-dataset.js";

/** What still holds records of a topic that were erased. */
export interface TopicRemains {
  readonly topic: string;
  /** Erasures recorded, and records that they name. */
  readonly erasures: number;
  readonly records: number;
  /** Erasures that the current generation has not applied: its answers still have their records. */
  readonly notApplied: number;
  /** Earlier generations whose tables have them. */
  readonly generations: readonly number[];
  /** Files of the master dataset that have them, or may. */
  readonly files: number;
  /** Records of them that the log still holds, and how long it keeps records, ms; null: for ever. */
  readonly inLog: number;
  readonly logRetentionMs: number | null;
  /** Until when rows of the speed layer live that were made from them, epoch ms; null when they are over. */
  readonly speedUntil: number | null;
}

export interface RemainsSources {
  readonly log: EventLog;
  readonly files: FileSystem;
  /** Refreshed. */
  readonly dataset: TopicDataset;
  readonly speedRetentionMs: number;
  /** Epoch ms. */
  readonly now: number;
}

/** Looks for everything of a topic that still holds erased records; undefined when nothing was ever erased from it. */
export async function remainsOf({ log, files, dataset, speedRetentionMs, now }: RemainsSources, signal: AbortSignal): Promise<TopicRemains | undefined> {
  const { topic, erasures } = dataset;
  if (erasures.length === 0) return undefined;
  const current = await readCurrent(files, signal);
  const applied = current?.erasures?.[topic] ?? 0;
  const generations = (await listGenerations(files, signal)).filter((generation) => generation.number !== current?.number && hasErased(generation, dataset));
  const { partitions, retentionMs } = await log.describe(topic, signal);
  let records = 0;
  let inLog = 0;
  for (const [partition, offsets] of byPartition(dataset)) {
    records += offsets.length;
    const there = partitions.find((each) => `v${each.logVersion}-p${each.partition}` === partition);
    if (there !== undefined) inLog += offsets.filter((offset) => offset >= there.start).length;
  }
  const until = Math.max(...dataset.erasedSegments().map(({ receivedAt }) => receivedAt + speedRetentionMs));
  return {
    topic,
    erasures: erasures.length,
    records,
    notApplied: erasures.length - applied,
    generations: generations.map(({ number }) => number),
    files: (await filesWithErased(files, dataset, signal)).length,
    inLog,
    logRetentionMs: retentionMs,
    speedUntil: until > now ? until : null,
  };
}

/** Whether a generation's tables may have records that were erased. */
export function hasErased(generation: Generation, { topic, erasures }: TopicDataset): boolean {
  return !erasesAsMuch(generation, { erasures: { [topic]: erasures.length } }, topic) && (generation.cut[topic]?.length ?? 0) > 0;
}

function byPartition({ erasures }: TopicDataset): ReadonlyMap<string, readonly number[]> {
  const partitions = new Map(erasures.flatMap(({ records }) => records.map(({ logVersion, partition }) => [`v${logVersion}-p${partition}`, { logVersion, partition }] as const)));
  return new Map([...partitions].map(([key, at]) => [key, erasedOffsets(erasures, { topic: "", ...at }, 0, Infinity)]));
}

/**
 * The files of segments with erased records that are not those of a reading without them: of earlier readings, and of
 * processes that died before they committed theirs.
 */
export async function filesWithErased(files: FileSystem, dataset: TopicDataset, signal: AbortSignal): Promise<readonly string[]> {
  const segments = new Map(dataset.erasedSegments().map((committed) => [segmentOf(committed), dataset.cleanReadings(committed)]));
  const clean = new Set([...segments.values()].flatMap((readings) => readings.flatMap(pathsOf)));
  const found: string[] = [];
  for (const { path } of await files.list(`master/${dataset.topic}`, signal)) {
    const segment = segmentOfPath(path);
    if (segment !== undefined && segments.has(segment) && !clean.has(path)) found.push(path);
  }
  return found;
}

const pathsOf = ({ files, deadLetterFile }: Manifest): readonly string[] => [...files.map(({ path }) => path), ...(deadLetterFile === null ? [] : [deadLetterFile.path])];

export const segmentOf = ({ logVersion, partition, first }: Pick<Manifest, "logVersion" | "partition" | "first">): string => `v${logVersion}-p${partition}/${first}`;

/** The segment that a file of rows or dead letters belongs to; undefined for files of another kind. */
export function segmentOfPath(path: string): string | undefined {
  const rows = /\/date=[^/]+\/v(\d+)-p(\d+)-(\d+)-[0-9a-f]+\.parquet$/.exec(path) ?? /\/_dead-letters\/v(\d+)-p(\d+)\/(\d+)-[0-9a-f]+\.ndjson$/.exec(path);
  return rows === null ? undefined : segmentOf({ logVersion: Number(rows[1]), partition: Number(rows[2]), first: Number(rows[3]) });
}
