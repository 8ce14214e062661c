import { ManifestCatalog, type Clock, type EventLog, type FileSystem, type Generation, type Manifest, type PartitionDescription, type ProgressRow, type ViewDefinition } from "@millrace/core";
import type { Coverage, PartitionCoverage } from "../chain/coverage.js";
import type { MissingRange } from "../chain/missing-range.js";
import { NextCall } from "../sharing/next-call.js";
import type { Serving } from "../serving.js";

/** Why answers can be believed at this moment: how far both layers are, per topic and partition. Plain JSON; times are epoch ms. */
export interface Trust {
  readonly at: number;
  readonly generation: { readonly number: number; readonly publishedAt: number } | null;
  readonly topics: readonly TopicTrust[];
}

/** How far both layers are in one topic. */
export interface TopicTrust {
  readonly topic: string;
  /** The views of this topic, each with what its answers lack. */
  readonly views: readonly { readonly view: string; readonly complete: boolean; readonly missing: readonly MissingRange[] }[];
  /** Whether every view of the topic can be answered whole. */
  readonly complete: boolean;
  /** Sums over the partitions. */
  readonly lag: number;
  readonly late: number;
  readonly deadLetters: number;
  /** The smallest watermark of the partitions that hold records; null when one is not known, or none holds any. */
  readonly watermark: number | null;
  readonly partitions: readonly PartitionTrust[];
}

/** How far both layers are in one partition. */
export interface PartitionTrust {
  readonly partition: number;
  readonly logVersion: number;
  /** Null for an incarnation that is gone. */
  readonly log: { readonly start: number; readonly end: number } | null;
  /** Below it answers are batch. */
  readonly cut: number | null;
  /** Every record below it is in the answers of every view of the topic. Null when the topic has no view. */
  readonly reach: number | null;
  /** Offsets of the log at or above `reach`. */
  readonly lag: number | null;
  /** The chain of segments at or above the cut, of the view that is furthest behind. */
  readonly segments: {
    readonly sealed: number;
    readonly open: number;
    readonly records: number;
    /** In order; the newest 200. */
    readonly chain: readonly { readonly first: number; readonly until: number; readonly sealed: boolean; readonly records: number; readonly late: number; readonly deadLetters: number }[];
  };
  /** Segments in the master dataset, and the offset up to which it holds the partition. */
  readonly master: { readonly segments: number; readonly records: number; readonly until: number | null };
  /** Events below this time are in the answers, but for late ones. */
  readonly watermark: number | null;
  /** Late events and dead letters among all records that either layer has read. */
  readonly late: number;
  readonly deadLetters: number;
  /** Age of the newest heartbeat of a worker; null when there is none. */
  readonly heartbeatAgeMs: number | null;
  readonly complete: boolean;
}

/** Links of a chain that are listed. */
const MAX_LINKS = 200;

/** What {@link createTrust} reads. */
export interface TrustSources {
  readonly serving: Pick<Serving<never>, "coverage">;
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly clock: Clock;
  /** The topics to tell of, each once. */
  readonly topics: readonly string[];
  readonly views: readonly ViewDefinition[];
}

/** Tells how far both layers are, as often as it is asked. */
export interface TrustReader {
  /** Reads that are asked for while one is under way share the next one. */
  read(signal: AbortSignal): Promise<Trust>;
}

/** Tells how far both layers are. Memory: one object a committed segment. */
export function createTrust({ serving, log, files, clock, topics, views }: TrustSources): TrustReader {
  const catalogs = new Map(topics.map((topic) => [topic, new ManifestCatalog(files, topic)]));
  const readTopic = async (topic: string, signal: AbortSignal): Promise<{ readonly trust: TopicTrust; readonly generation: Generation | null }> => {
    const catalog = catalogs.get(topic)!;
    await catalog.refresh(signal);
    const covered = await Promise.all(
      views.filter(({ from }) => from.topic === topic).map(async ({ name }) => ({ view: name, coverage: await serving.coverage(name, signal) })),
    );
    const { partitions } = await log.describe(topic, signal);
    const told = covered.length > 0 ? ofViews(covered.map(({ coverage }) => coverage), catalog, clock.now()) : partitions.map((partition) => ofLog(partition, catalog));
    const sum = (of: (partition: PartitionTrust) => number | null) => told.reduce((total, partition) => total + (of(partition) ?? 0), 0);
    return {
      generation: covered[0]?.coverage.generation ?? null,
      trust: {
        topic,
        views: covered.map(({ view, coverage: { missing } }) => ({ view, complete: missing.length === 0, missing })),
        complete: covered.every(({ coverage }) => coverage.missing.length === 0),
        lag: sum(({ lag }) => lag),
        late: sum(({ late }) => late),
        deadLetters: sum(({ deadLetters }) => deadLetters),
        watermark: smallest(covered.flatMap(({ coverage }) => coverage.partitions.filter(({ empty }) => !empty).map(({ watermark }) => watermark))),
        partitions: told,
      },
    };
  };
  const reading = new NextCall(async (signal: AbortSignal): Promise<Trust> => {
    const read = await Promise.all(topics.map((topic) => readTopic(topic, signal)));
    const generation = read.find((topic) => topic.generation !== null)?.generation ?? null;
    return {
      at: clock.now(),
      generation: generation === null ? null : { number: generation.number, publishedAt: generation.publishedAt },
      topics: read.map(({ trust }) => trust),
    };
  });
  return { read: (signal) => reading.ask(signal) };
}

/**
 * Each partition as the view that is furthest behind has it, but for late events and dead letters: those are of the
 * records, so the view that has read furthest knows most of them.
 */
function ofViews(coverages: readonly Coverage[], catalog: ManifestCatalog, now: number): readonly PartitionTrust[] {
  const byPartition = new Map<string, PartitionCoverage[]>();
  for (const partition of coverages.flatMap(({ partitions }) => partitions)) {
    const same = byPartition.get(keyOf(partition));
    if (same) same.push(partition);
    else byPartition.set(keyOf(partition), [partition]);
  }
  const lacking = new Set(coverages.flatMap(({ missing }) => missing.map(keyOf)));
  return [...byPartition.values()]
    .map((views) => views.sort((a, b) => a.reach - b.reach))
    .sort(([a], [b]) => a!.partition - b!.partition || a!.logVersion - b!.logVersion)
    .map((views) => {
      const behind = views[0]!;
      const ahead = views.at(-1)!;
      const manifests = catalog.manifests(behind.partition, behind.logVersion);
      const until = manifests.at(-1)?.until ?? null;
      // The chain begins at the cut, and the master dataset may be further: each record is counted in one of them.
      const counted = [...manifests, ...ahead.links.filter(({ segment }) => until === null || segment.first >= until)];
      const { reach, end, heartbeatAt, links } = behind;
      return {
        partition: behind.partition,
        logVersion: behind.logVersion,
        log: end === undefined ? null : { start: behind.start ?? 0, end },
        cut: behind.cut,
        reach,
        lag: end === undefined ? null : Math.max(0, end - reach),
        segments: segmentsOf(links),
        master: masterOf(manifests),
        watermark: behind.watermark,
        late: total(counted, ({ late }) => late),
        deadLetters: total(counted, ({ deadLetters }) => deadLetters),
        heartbeatAgeMs: heartbeatAt === null ? null : Math.max(0, now - heartbeatAt),
        complete: !lacking.has(keyOf(behind)),
      };
    });
}

/** A partition that no view reads: the master dataset is all there is. */
function ofLog({ partition, logVersion, start, end }: PartitionDescription, catalog: ManifestCatalog): PartitionTrust {
  const manifests = catalog.manifests(partition, logVersion);
  return {
    partition,
    logVersion,
    log: { start, end },
    cut: null,
    reach: null,
    lag: null,
    segments: segmentsOf([]),
    master: masterOf(manifests),
    watermark: null,
    late: total(manifests, ({ late }) => late),
    deadLetters: total(manifests, ({ deadLetters }) => deadLetters),
    heartbeatAgeMs: null,
    complete: true,
  };
}

function segmentsOf(links: readonly ProgressRow[]): PartitionTrust["segments"] {
  const sealed = links.filter((link) => link.sealed).length;
  return {
    sealed,
    open: links.length - sealed,
    records: total(links, ({ records }) => records),
    chain: links.slice(-MAX_LINKS).map(({ segment, until, sealed: isSealed, records, late, deadLetters }) => ({ first: segment.first, until, sealed: isSealed, records, late, deadLetters })),
  };
}

const masterOf = (manifests: readonly Manifest[]) => ({ segments: manifests.length, records: total(manifests, ({ records }) => records), until: manifests.at(-1)?.until ?? null });

const keyOf = ({ partition, logVersion }: { readonly partition: number; readonly logVersion: number }) => `${logVersion}/${partition}`;

const total = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((sum, item) => sum + of(item), 0);

function smallest(watermarks: readonly (number | null)[]): number | null {
  let min: number | null = null;
  for (const watermark of watermarks) {
    if (watermark === null) return null;
    if (min === null || watermark < min) min = watermark;
  }
  return min;
}
