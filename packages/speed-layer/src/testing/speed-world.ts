import { FIRST_LOG_VERSION, simulatedClock } from "@millrace/core";
import type { Grid, LogPartition, LogRecord, ProgressRow, SimulatedClock, Telemetry, TelemetryEvent, ViewStore } from "@millrace/core";
import { memoryFileSystem, memoryLog, memoryViewStore } from "@millrace/core/memory";
import { createSpeedLayer } from "../create-speed-layer.js";
import type { SpeedLayerOptions } from "../create-speed-layer.js";
import type { SpeedLayer } from "../speed-layer.js";
import { advanceUntil } from "./advance-until.js";
import { BatchStandIn } from "./batch-stand-in.js";
import { naiveCounts, naiveViews } from "./naive-views.js";
import { songs, users, views } from "./plays.js";
import { mergeStored, readChain } from "./stored-views.js";

export const TOPIC = "plays";
export const START_MS = Date.UTC(2026, 0, 5, 12);
/** Small, so that a handful of records makes segments. */
export const GRID: Grid = { segmentOffsets: 12, segmentMs: 30_000 };

/** A speed layer at work. */
export interface Running {
  readonly layer: SpeedLayer;
  /** How `run` ended. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

export const partitionOf = (partition: number): LogPartition => ({ topic: TOPIC, logVersion: FIRST_LOG_VERSION, partition });

export interface SpeedWorldOptions {
  readonly partitions?: number;
  readonly grid?: Grid;
  /** Default: one in memory. */
  readonly store?: (clock: SimulatedClock) => ViewStore;
}

/** A log, a store, files and a batch layer in memory, on one simulated clock. */
export function speedWorld({ partitions = 2, grid = GRID, store: makeStore = (clock) => memoryViewStore({ clock }) }: SpeedWorldOptions = {}) {
  const clock = simulatedClock(START_MS);
  const log = memoryLog({ clock, topics: { [TOPIC]: partitions } });
  const files = memoryFileSystem();
  const store = makeStore(clock);
  const batch = new BatchStandIn(files, TOPIC, grid, (partition) => log.records(TOPIC, partition));
  const events: TelemetryEvent[] = [];
  const telemetry: Telemetry = (event) => events.push(event);

  const start = (workerId: string, options: Partial<SpeedLayerOptions> = {}): Running => {
    const layer = createSpeedLayer({ log, store, files, clock, views, grid, telemetry, workerId, ...options });
    const abort = new AbortController();
    const ended = layer.run(abort.signal);
    // Tests look at it when they want to; a failure before that is not unhandled.
    ended.catch(() => undefined);
    return {
      layer,
      ended,
      stop: async () => {
        abort.abort();
        await ended;
      },
    };
  };

  /** All that the log holds is durable, and the layer has seen what the batch layer did until now. */
  const catchUp = async ({ layer }: Running): Promise<void> => {
    await clock.advance(1_500);
    await advanceUntil(clock, layer.caughtUp(new AbortController().signal));
  };

  return { clock, log, files, store, batch, events, grid, start, catchUp };
}

export type SpeedWorld = ReturnType<typeof speedWorld>;

/** What is served of the speed layer above the current cut, and what a plain fold of the log says. */
export interface Served {
  readonly songs: readonly string[];
  readonly users: readonly string[];
}

export interface PartitionReach {
  readonly partition: number;
  readonly reach: number;
  readonly brokenAt: number | undefined;
}

/** What a reader makes of the store now. */
export async function served({ log, store, batch, clock }: SpeedWorld, from: ViewStore = store): Promise<Served & { readonly reach: readonly PartitionReach[]; readonly links: readonly ProgressRow[] }> {
  const { partitions } = await log.describe(TOPIC, new AbortController().signal);
  const reach: PartitionReach[] = [];
  const all: ProgressRow[] = [];
  const rows: Record<string, readonly string[]> = {};
  for (const view of [songs.definition, users.definition]) {
    const links: ProgressRow[] = [];
    for (const { partition } of partitions) {
      const chain = await readChain(from, view, partitionOf(partition), batch.cut[partition] ?? 0, clock.now());
      reach.push({ partition, reach: chain.reach, brokenAt: chain.brokenAt });
      links.push(...chain.links);
    }
    rows[view.name] = sorted(await mergeStored(from, view, links));
    all.push(...links);
  }
  return { songs: rows["songs"]!, users: rows["users"]!, reach, links: all };
}

/** What a reader should make of it once all is durable: the naive fold of every record at or above the cut, every chain to the end. */
export async function truth({ log, batch }: SpeedWorld): Promise<Served & { readonly reach: readonly PartitionReach[] }> {
  const { partitions } = await log.describe(TOPIC, new AbortController().signal);
  const above = partitions.flatMap(({ partition }) => log.records(TOPIC, partition).filter(({ offset }) => offset >= (batch.cut[partition] ?? 0)));
  const naive = naiveViews(above);
  const reach = partitions.map(({ partition }) => {
    const end = (log.records(TOPIC, partition).at(-1)?.offset ?? -1) + 1;
    return { partition, reach: Math.max(batch.cut[partition] ?? 0, end), brokenAt: undefined };
  });
  return { songs: sorted(naive.songs), users: sorted(naive.users), reach: [...reach, ...reach] };
}

/** What the records of a progress row's segment below its `until` should have made of it. */
export function truthOfProgress({ log }: SpeedWorld, { segment, until, fingerprint }: ProgressRow) {
  const records: readonly LogRecord[] = log.records(TOPIC, segment.partition).filter(({ offset }) => offset >= segment.first && offset < until);
  const { withoutSong, ...counts } = naiveCounts(records);
  return { ...counts, filtered: fingerprint === songs.definition.fingerprint ? withoutSong : 0, receivedAt: records[0]!.appendedAt, until: records.at(-1)!.offset + 1 };
}

const sorted = (rows: ReadonlyMap<string, string>): readonly string[] => [...rows].map(([key, cells]) => `${key} = ${cells}`).sort();
