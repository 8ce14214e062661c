import {
  describeProgress,
  partitionName,
  readQuietRecord,
  readRunProgress,
  tableIn,
  type Clock,
  type CutPosition,
  type EventLog,
  type FileSystem,
  type Generation,
  type GridRecord,
  type Heartbeat,
  type LogPartition,
  type ProgressRow,
  type ServedGenerations,
  type ViewDefinition,
  type ViewStore,
} from "@millrace/core";
import type { Coverage, PartitionCoverage } from "./coverage.js";
import type { GridRecords } from "./grid-records.js";
import type { ManifestWatermarks } from "./manifest-watermarks.js";
import { FLAGGED, type MissingRange } from "./missing-range.js";
import { walkPartition } from "./partition-coverage.js";
import { UnservableError } from "./unservable-error.js";

export interface CoverageSources {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly gridRecords: GridRecords;
  readonly watermarks: ManifestWatermarks;
  readonly generations: ServedGenerations;
}

/** Heartbeats this much older than a partition's newest say nothing about its present. */
const HEARTBEAT_MEMORY_MS = 60_000;

/**
 * Reads the pointer once, then progress, heartbeats and the log's ends, and walks the chain of every partition.
 *
 * The order matters: a chain read after its cut starts at or above it, and a log looked at last ends at or beyond
 * whatever was read from it. Rows need not be read in one snapshot.
 *
 * @throws {UnservableError} when records would be missing, unless `allowIncomplete`.
 */
export async function readCoverage(sources: CoverageSources, view: ViewDefinition, allowIncomplete: boolean, signal: AbortSignal): Promise<Coverage> {
  const { topic } = view.from;
  const current = await sources.generations.current(signal);
  // Where the current one was built from other declarations, the last one that has this view as it is declared here.
  const generation = current && ((await sources.generations.of(view, current, signal)) ?? current);
  const cuts = generation?.cut[topic] ?? [];
  const missing: MissingRange[] = [...missingTable(view, generation, cuts)];
  const speed = await readSpeed(sources, view, signal).catch((cause: unknown): SpeedState => {
    signal.throwIfAborted();
    if (!allowIncomplete) throw new UnservableError(view.name, "store-unreachable", { ranges: [], detail: `reading store "${sources.store.name}"`, cause });
    return { progress: [], heartbeats: [], unreachable: true };
  });
  const description = await sources.log.describe(topic, signal);

  const partitions: PartitionCoverage[] = [];
  const rowsOf = byPartition(speed.progress);
  for (const position of positions(topic, cuts, description.partitions, speed.progress)) {
    const { partition, logVersion } = position;
    const progress = rowsOf.get(partitionName(position)) ?? [];
    const inCut = cuts.find((cut) => cut.partition === partition);
    const inLog = description.partitions.find((known) => known.partition === partition);
    const log = inLog?.logVersion === logVersion ? inLog : undefined;
    const record = await sources.gridRecords.of(description, partition, signal);
    const start = inCut?.logVersion === logVersion ? inCut.offset : originOf(record, position, inCut);
    const walk = walkPartition({ ...position, start, inCut: inCut?.logVersion === logVersion, log, progress, now: sources.clock.now() });
    if (speed.unreachable) missing.push({ ...position, from: walk.start, until: null, reason: "store-unreachable" });
    else missing.push(...walk.missing);
    if (inCut && inLog && inLog.logVersion < inCut.logVersion) missing.push({ ...position, from: inCut.offset, until: null, reason: "log-version" });
    // A gap that somebody has closed meanwhile: nothing of the log lies beyond the reach.
    if (log === undefined || walk.reach < log.end) missing.push(...gapsBeyond(speed.heartbeats, position, walk.reach));
    const quiet = log !== undefined && log.end === walk.reach ? await readQuietRecord(sources.files, position, signal) : null;
    const seen = maxEventTime(progress, walk.reach) ?? (inCut ? await sources.watermarks.below(position, walk.start, signal) : null);
    partitions.push({
      ...position,
      cut: walk.start,
      reach: walk.reach,
      start: log?.start,
      end: log?.end,
      links: walk.links,
      // Whatever a quiet partition gets from now on, the broker stamps later than that.
      watermark: quiet !== null && quiet.until <= walk.reach ? Math.max(seen ?? quiet.through, quiet.through) : seen,
      empty: walk.reach <= walk.start && !(inCut && walk.start > 0) && (log === undefined || log.end <= log.start),
      heartbeatAt: newestHeartbeat(speed.heartbeats, partition),
    });
  }
  const refusing = missing.filter((range) => !FLAGGED.has(range.reason));
  if (refusing.length > 0 && !allowIncomplete) throw new UnservableError(view.name, refusing[0]!.reason, { ranges: refusing, ...(await backFill(sources, view, refusing[0]!, signal)) });
  return { generation, cut: cuts.length > 0 ? { [topic]: cuts } : {}, partitions, missing };
}

interface SpeedState {
  readonly progress: readonly ProgressRow[];
  readonly heartbeats: readonly Heartbeat[];
  readonly unreachable: boolean;
}

async function readSpeed({ store }: CoverageSources, view: ViewDefinition, signal: AbortSignal): Promise<SpeedState> {
  const [progress, heartbeats] = await Promise.all([
    store.readProgress(view.fingerprint, view.from.topic, signal),
    store.readHeartbeats(view.from.topic, signal),
  ]);
  return { progress, heartbeats, unreachable: false };
}

/** How far the run is that builds a view's table, for a view that has none yet. */
async function backFill({ files }: CoverageSources, view: ViewDefinition, { reason }: MissingRange, signal: AbortSignal): Promise<{ readonly progress?: string }> {
  if (reason !== "not-built" && reason !== "fingerprint-changed") return {};
  const progress = describeProgress(await readRunProgress(files, signal), { name: view.name, kind: "view", fingerprint: view.fingerprint });
  return { progress: progress ?? "no run has begun to build it" };
}

/** Where a cut knows the topic, its records below the cut are in the generation's table or nowhere. */
function missingTable(view: ViewDefinition, generation: Generation | null, cuts: readonly CutPosition[]): readonly MissingRange[] {
  if (generation !== null && tableIn(generation, { name: view.name, kind: "view", fingerprint: view.fingerprint }) !== undefined) return [];
  const reason = generation?.tables.some(({ kind, name }) => kind === "view" && name === view.name) === true ? "fingerprint-changed" : "not-built";
  return cuts.map(({ partition, logVersion, offset }) => ({ topic: view.from.topic, partition, logVersion, from: 0, until: offset, reason }));
}

function byPartition(progress: readonly ProgressRow[]): ReadonlyMap<string, readonly ProgressRow[]> {
  const rows = new Map<string, ProgressRow[]>();
  for (const row of progress) {
    const name = partitionName(row.segment);
    const same = rows.get(name);
    if (same) same.push(row);
    else rows.set(name, [row]);
  }
  return rows;
}

/** Every incarnation of every partition from the cut's on: those of the cut, of the log and of the progress rows. */
function positions(
  topic: string,
  cuts: readonly CutPosition[],
  described: readonly { readonly partition: number; readonly logVersion: number }[],
  progress: readonly ProgressRow[],
): readonly LogPartition[] {
  const found = new Map<string, LogPartition>();
  const cutVersions = new Map(cuts.map(({ partition, logVersion }) => [partition, logVersion]));
  const add = (partition: number, logVersion: number) => {
    const position = { topic, logVersion, partition };
    if (logVersion >= (cutVersions.get(partition) ?? 0)) found.set(partitionName(position), position);
  };
  for (const { partition, logVersion } of cuts) add(partition, logVersion);
  for (const { partition, logVersion } of described) add(partition, logVersion);
  for (const { segment } of progress) add(segment.partition, segment.logVersion);
  return [...found.values()].sort((a, b) => a.partition - b.partition || a.logVersion - b.logVersion);
}

/** Where an incarnation that the cut does not know begins: as recorded, or at 0 for a re-created topic. */
function originOf(record: GridRecord | null, position: LogPartition, cut: CutPosition | undefined): number | null {
  if (record?.logVersion === position.logVersion) return record.origin;
  return (record?.logVersion ?? cut?.logVersion ?? position.logVersion) < position.logVersion ? 0 : null;
}

function gapsBeyond(heartbeats: readonly Heartbeat[], position: LogPartition, reach: number): readonly MissingRange[] {
  const newest = newestHeartbeat(heartbeats, position.partition);
  return heartbeats.flatMap(({ partition, at, gap }): readonly MissingRange[] => {
    if (gap === undefined || newest === null || partition !== position.partition || at < newest - HEARTBEAT_MEMORY_MS) return [];
    if (gap.until !== null && gap.until <= reach) return [];
    return [{ ...position, from: Math.max(gap.from, reach), until: gap.until, reason: "worker-gap" }];
  });
}

function newestHeartbeat(heartbeats: readonly Heartbeat[], partition: number): number | null {
  let newest: number | null = null;
  for (const heartbeat of heartbeats) if (heartbeat.partition === partition && (newest === null || heartbeat.at > newest)) newest = heartbeat.at;
  return newest;
}

/** Off the chain or below the cut, a row's records are records of the log all the same. */
function maxEventTime(progress: readonly ProgressRow[], reach: number): number | null {
  let max: number | null = null;
  for (const row of progress) if (row.until <= reach && row.maxEventTime !== null && (max === null || row.maxEventTime > max)) max = row.maxEventTime;
  return max;
}
