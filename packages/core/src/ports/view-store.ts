import type { ChainLink } from "../log/chain.js";
import type { SegmentId } from "../log/segment.js";
import type { SegmentPartials } from "../views/partial-batch.js";
import type { ViewDefinition } from "../views/view-definition.js";

/**
 * The promise of a worker: every row of this view, partition and segment reflects at least the records below `until`.
 * Written after its rows are durable. All but `writtenAt` is a function of the log.
 */
export interface ProgressRow extends ChainLink {
  readonly fingerprint: string;
  readonly segment: SegmentId;
  readonly previous: number;
  readonly until: number;
  readonly sealed: boolean;
  /** The row with the highest version wins: `until`, or for a sealed one the next record's offset + 1. */
  readonly version: number;
  /** Counts over the segment below `until`: records = events + deadLetters; filtered are events the view's `where` left out. */
  readonly records: number;
  readonly events: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLetters: number;
  /** First and last window start with a row, epoch ms; null when there is none. */
  readonly minWindow: number | null;
  readonly maxWindow: number | null;
  /** Largest event time seen, epoch ms, or null: the watermark is made of it. */
  readonly maxEventTime: number | null;
  /** Broker time of the segment's first record, epoch ms. */
  readonly receivedAt: number;
  /** CRC-32 of the last record's value. */
  readonly crc: number;
  /** The rows are there until this instant (epoch ms); after it, they may be gone. */
  readonly coveredUntil: number;
  /** Whether reads overlap these writes (W + R > RF). */
  readonly overlapping: boolean;
}

/** Tells a dead worker from an idle one, and says when one is in a gap. */
export interface Heartbeat {
  readonly topic: string;
  readonly partition: number;
  readonly worker: string;
  /** Epoch ms of the writer's clock. */
  readonly at: number;
  /** First offset not folded yet. */
  readonly position: number;
  /** Records that the worker can no longer write: answers are then `complete: false`. */
  readonly gap?: { readonly from: number; readonly until: number | null; readonly reason: string };
}

/** Which rows to read: those of some segments whose windows lie in a range. */
export interface ReadPartials {
  readonly view: ViewDefinition;
  readonly segments: readonly SegmentId[];
  /** Window starts in `[from, until)`, epoch ms. */
  readonly from: number;
  readonly until: number;
}

/**
 * Where the rows of a view lie in a store that SQL engines read too. Beside the columns named here a table has
 * `fingerprint`, `topic`, `received` (start of a bucket) and `shard`, which are its partitions, then `window_start`,
 * `log_version`, `log_partition`, `segment`, `segment_end` (-1: none) and `version`. The progress table has what
 * {@link ProgressRow} says, by names in that style.
 */
export interface StoredView {
  /** What tables are in: a keyspace. */
  readonly schema: string;
  readonly table: string;
  readonly progressTable: string;
  /** Length of a bucket, ms: a segment's rows are in that of its `receivedAt`. */
  readonly bucketMs: number;
  /** Partitions a bucket, from 0 on. */
  readonly shards: number;
  /** In the view's order, as the fold holds values: decimals scaled. */
  readonly dimensions: readonly StoredDimension[];
  /** Columns of the view's cells, in its order. */
  readonly cells: readonly string[];
}

/** A dimension in its columns. */
export interface StoredDimension {
  readonly column: string;
  /** True where the dimension is null. */
  readonly nullColumn?: string;
  /** Of text: stands for null. A text that begins with it stands behind it and an `s`. */
  readonly nullText?: string;
}

/** The tables of a store that keeps views in tables of their own, which a person may want to see, or to create with other rights. */
export interface StoreSchema {
  /** Every statement that the views need where nothing is there yet, in the order to run them. */
  statements(views: readonly ViewDefinition[]): readonly string[];
  /** Creates and alters what is missing, whatever the store's options say of creating. Resolves with the statements that it ran; none when nothing was missing. */
  apply(views: readonly ViewDefinition[], signal: AbortSignal): Promise<readonly string[]>;
  /** Where a view's rows lie now. Absent where SQL engines cannot read them. Fails where there is no table yet. */
  locate?(view: ViewDefinition, signal: AbortSignal): Promise<StoredView>;
}

/** Where the speed layer keeps views. Every write is idempotent: a replay is a no-op, an older version loses. */
export interface ViewStore {
  readonly name: string;
  /** Whether reads overlap writes (W + R > RF): what the worker says in its progress rows. Default true. */
  readonly overlapping?: boolean;
  /** Absent where there are no tables to create: `millrace ddl` prints and applies it. */
  readonly schema?: StoreSchema;
  /** Creates what the views need. Safe to repeat, also from several processes. */
  prepare(views: readonly ViewDefinition[], signal: AbortSignal): Promise<void>;
  /** Resolves once every row is durable. `expiresAt` (epoch ms): the store may drop the rows from then on, never before. */
  write(view: ViewDefinition, partials: SegmentPartials, expiresAt: number, signal: AbortSignal): Promise<void>;
  /** Called after the rows they speak of are durable. Progress outlives its data: kept at least as long as `expiresAt` plus a day. */
  writeProgress(rows: readonly ProgressRow[], signal: AbortSignal): Promise<void>;
  /** The progress rows of a view's topic, also expired ones that are still there. Newest version of each. */
  readProgress(fingerprint: string, topic: string, signal: AbortSignal): Promise<readonly ProgressRow[]>;
  /** The newest rows of the segments named; several batches may speak of one segment, each row comes once. */
  read(request: ReadPartials, signal: AbortSignal): AsyncIterable<SegmentPartials>;
  /** Replaces what a worker says of itself. */
  writeHeartbeat(heartbeat: Heartbeat, signal: AbortSignal): Promise<void>;
  /** What the workers of a topic said last. */
  readHeartbeats(topic: string, signal: AbortSignal): Promise<readonly Heartbeat[]>;
  /** Drops what has expired at `now` (epoch ms), where the store does not do so itself. */
  sweep(now: number, signal: AbortSignal): Promise<void>;
  /** Releases what is open. Safe to call twice; every later call fails. */
  close(): Promise<void>;
}
