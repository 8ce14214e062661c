import {
  claimGridRecord,
  createEventDecoder,
  Credits,
  DEFAULT_GRID,
  ManifestCatalog,
  MillraceError,
  retrying,
  silent,
  topicGrid,
  UnknownTopicError,
  type Clock,
  type EventLog,
  type FileSystem,
  type Grid,
  type LogPartition,
  type Retry,
  type StreamPlan,
  type Telemetry,
} from "@millrace/core";
import { DecoderAwayError } from "./decoder-away-error.js";
import { PartitionIngest } from "./partition-ingest.js";
import { TaskGroup } from "./task-group.js";

/** What `createIngest` works with: ports, streams, and the grid that every process of a deployment shares. */
export interface IngestOptions {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly clock: Clock;
  /** The streams to keep, as every layer decodes them. */
  readonly plans: readonly StreamPlan[];
  /** Default: 200,000 offsets, 15 minutes. */
  readonly grid?: Grid;
  /** How long after its time has passed a quiet segment may be closed, ms. Default 60,000. */
  readonly sealGuardMs?: number;
  /** Whether master files keep each record's original bytes. Default true. */
  readonly keepRaw?: boolean;
  /** How long records must stay in the log beyond their segment's time, ms: the batch period and the longest outage. Default 0. */
  readonly keepMs?: number;
  /** How often to look for new partitions, ms. Default 30,000. */
  readonly discoverMs?: number;
  /** Segments written at the same time: each holds some 20 MB. Default 1. */
  readonly concurrentSegments?: number;
  readonly telemetry?: Telemetry;
  /** In `[0, 1)`: spreads the pauses before what failed is tried again. Default: always half. */
  readonly random?: () => number;
}

/** How long a stream's decoder is waited for that needs something from outside, a schema registry: as long as the speed layer waits. */
const DECODER_AWAY_MS = 300_000;

/** Moves the log into the master dataset: sealed segments, each committed by its manifest. */
export interface Ingest {
  /**
   * Ingests every partition, also those that appear later, until aborted; then resolves. What was begun then is redone
   * by the next process.
   *
   * @throws {LogTrimmedError} with the offsets, when records left the log before they were ingested.
   * @throws {GridMismatchError} when a partition was cut otherwise before.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Ingests everything that is sealed, and the quiet segments that the clock allows to close, then resolves. */
  drain(signal: AbortSignal): Promise<void>;
}

/** Ingest over the ports of a platform. Nothing is read before `run` or `drain`; one process at a time may write a topic's master dataset. */
export function createIngest(options: IngestOptions): Ingest {
  const { log, files, clock, plans, telemetry = silent, discoverMs = 30_000 } = options;
  const pausing = { clock, random: options.random ?? (() => 0.5), telemetry };
  const retry = retrying({}, pausing);
  const patient = retrying({ maxAttempts: Infinity, maxElapsedMs: DECODER_AWAY_MS }, pausing);
  const waiting: Retry = async (operation, attempt, signal) => {
    try {
      return await patient(operation, attempt, signal);
    } catch (error) {
      signal.throwIfAborted();
      // As it is, the partition would be begun again, and wait as long again.
      throw error instanceof MillraceError && error.retryable ? new DecoderAwayError(operation, DECODER_AWAY_MS, error) : error;
    }
  };
  const writing = new Credits(options.concurrentSegments ?? 1);
  const toldCreateTime = new Set<string>();

  const open = async (plan: StreamPlan, catalog: ManifestCatalog, at: LogPartition, start: number, grid: Grid, signal: AbortSignal) => {
    const record = await claimGridRecord(files, { ...at, grid, origin: start }, signal);
    return new PartitionIngest({
      log,
      files,
      clock,
      telemetry,
      writing,
      plan,
      decoder: createEventDecoder(plan),
      waiting,
      keepRaw: options.keepRaw ?? true,
      partition: { topic: at.topic, logVersion: at.logVersion, partition: at.partition },
      grid: record.grid,
      sealGuardMs: options.sealGuardMs ?? 60_000,
      position: catalog.manifests(at.partition, at.logVersion).at(-1)?.until ?? record.origin,
    });
  };

  /** What failed is begun again at the last committed segment, as long as segments are committed in between. */
  const ingestPartition = async (ingest: PartitionIngest, follow: boolean, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const before = ingest.position;
      try {
        return await retry(`ingesting ${ingest.name}`, (each) => ingest.run(follow, each), signal);
      } catch (error) {
        if (ingest.position === before || !(error instanceof MillraceError && error.retryable)) throw error;
      }
    }
  };

  /** The partitions of a topic that are not among `known`. */
  const discover = async (plan: StreamPlan, known: Set<number>, signal: AbortSignal): Promise<readonly PartitionIngest[]> => {
    const { topic } = plan.stream;
    const description = await log.describe(topic, signal);
    const grid = topicGrid(description, options.grid ?? DEFAULT_GRID, options.keepMs);
    if (grid.segmentMs === null && !toldCreateTime.has(topic)) {
      toldCreateTime.add(topic);
      telemetry({ type: "Warning", code: "CREATE_TIME", message: `topic "${topic}" has no broker clock: its segments are cut by offsets only` });
    }
    const unknown = description.partitions.filter(({ partition }) => !known.has(partition));
    if (unknown.length === 0) return [];
    const catalog = new ManifestCatalog(files, topic);
    await catalog.refresh(signal);
    const opened: PartitionIngest[] = [];
    for (const { partition, logVersion, start } of unknown) opened.push(await open(plan, catalog, { topic, partition, logVersion }, start, grid, signal));
    for (const { partition } of unknown) known.add(partition);
    return opened;
  };

  const discoverPersistently = (plan: StreamPlan, known: Set<number>, signal: AbortSignal) =>
    retry(`finding the partitions of ${plan.stream.topic}`, (each) => discover(plan, known, each), signal);

  const followTopic = async (plan: StreamPlan, start: (ingest: PartitionIngest) => void, signal: AbortSignal): Promise<void> => {
    const known = new Set<number>();
    let toldUnknown = false;
    for (;;) {
      try {
        for (const ingest of await discoverPersistently(plan, known, signal)) start(ingest);
      } catch (error) {
        if (!(error instanceof UnknownTopicError)) throw error;
        if (!toldUnknown) telemetry({ type: "Warning", code: error.code, message: `waiting for topic "${plan.stream.topic}" to be created` });
        toldUnknown = true;
      }
      await clock.sleep(discoverMs, signal);
    }
  };

  return {
    async run(signal) {
      const group = new TaskGroup(signal);
      for (const plan of plans) group.start((together) => followTopic(plan, (ingest) => group.start((each) => ingestPartition(ingest, true, each)), together));
      await group.settled();
    },
    async drain(signal) {
      const group = new TaskGroup(signal);
      const drainTopic = async (plan: StreamPlan, together: AbortSignal) => {
        try {
          for (const ingest of await discoverPersistently(plan, new Set(), together)) group.start((each) => ingestPartition(ingest, false, each));
        } catch (error) {
          if (!(error instanceof UnknownTopicError)) throw error;
        }
      };
      for (const plan of plans) group.start((together) => drainTopic(plan, together));
      await group.settled();
      signal.throwIfAborted();
    },
  };
}
