import { crc32 } from "node:zlib";
import { ViewFold, nextBoundary } from "@millrace/core";
import type { ColumnBatch, Grid, LogPartition, ProgressRow, SegmentId, ViewDefinition } from "@millrace/core";
import { lowerBound } from "./lower-bound.js";
import type { FoldedWrites, SegmentWrite } from "./segment-write.js";
import type { DurableRows } from "./start-position.js";
import { coverageMarginMs } from "./speed-retention.js";

export interface SegmentFolderOptions {
  readonly partition: LogPartition;
  /** Views of the partition's topic. */
  readonly views: readonly ViewDefinition[];
  readonly grid: Grid;
  /** Where reading starts: the origin, or the end of a segment. It is the first segment's `previous`. */
  readonly start: number;
  /** Ends of manifests, growing: segments end there whatever the grid says. */
  readonly ends: readonly number[];
  readonly speedRetentionMs: number;
  /** Whether reads overlap the store's writes. */
  readonly overlapping: boolean;
  /** Rows that the store has already: they are folded, and not given to be written. */
  readonly durable?: DurableRows | undefined;
}

interface OpenSegment {
  readonly first: number;
  readonly firstAppendedAt: number;
  readonly previous: number;
  /** The first known manifest end that no record of the segment has reached, or infinity. */
  end: number;
  records: number;
  events: number;
  late: number;
  deadLetters: number;
  maxEventTime: number;
}

/**
 * Folds one partition segment by segment. Holds the partials of the open segment, and what of closed ones was not taken
 * yet. Knows nothing of time or stores: what it gives is a function of the log, of `start` and of the ends it knew.
 *
 * Cost beyond decoding and the views' folds: one comparison a record for the grid, three additions an event.
 */
export class SegmentFolder {
  readonly #options: SegmentFolderOptions;
  readonly #folds: readonly ViewFold[];
  #ends: readonly number[];
  #open: OpenSegment | undefined;
  #closed: SegmentWrite[] = [];
  #sealedUntil: number | undefined;
  #until: number;
  #position: number;
  #takenPosition: number;
  #takenUntil: number;
  #lastData: Uint8Array | undefined;
  #lastStart = -1;
  #lastEnd = -1;
  #records = 0;
  #events = 0;
  #late = 0;
  #deadLetters = 0;

  constructor(options: SegmentFolderOptions) {
    this.#options = options;
    this.#folds = options.views.map((view) => new ViewFold(view));
    this.#ends = options.ends;
    this.#until = this.#position = this.#takenPosition = this.#takenUntil = options.start;
  }

  /** Offset after the last record folded, or the start. */
  get until(): number {
    return this.#until;
  }

  /** Where reading goes on. */
  get position(): number {
    return this.#position;
  }

  /** Records folded and not taken. */
  get untaken(): number {
    return this.#records;
  }

  /** Whether {@link take} would give something. */
  get hasNews(): boolean {
    return this.#position > this.#takenPosition || this.#until > this.#takenUntil;
  }

  /** Whether a segment was closed that is not taken yet. */
  get hasClosed(): boolean {
    return this.#closed.length > 0;
  }

  /** The open segment's id, as long as it has records. */
  get openSegment(): SegmentId | undefined {
    return this.#open && { ...this.#options.partition, first: this.#open.first };
  }

  /**
   * Takes in the ends of manifests. True: one lies inside the open segment, so that this folder must be given up and the
   * partition read again from the segment's first record; folding on would only write what the chain leaves behind.
   */
  learn(ends: readonly number[]): boolean {
    this.#ends = ends;
    const open = this.#open;
    if (open === undefined) return false;
    open.end = ends[lowerBound(ends, this.#until)] ?? Infinity;
    const inside = ends[lowerBound(ends, open.first + 1)];
    return inside !== undefined && inside < this.#until;
  }

  /** Folds a batch that follows the last one. */
  add(batch: ColumnBatch): void {
    const { raw } = batch;
    const { offsets, appendedAt, length } = raw;
    let row = 0;
    let deadLetter = 0;
    let i = 0;
    while (i < length) {
      let scanFrom = i;
      let before = this.#until - 1;
      if (this.#open === undefined) {
        this.#begin(offsets[i]!, appendedAt[i]!);
        before = offsets[i]!;
        scanFrom = i + 1;
      }
      const open = this.#open!;
      const gridAt = nextBoundary(this.#options.grid, open, before, offsets, appendedAt, scanFrom, length);
      const endAt = open.end === Infinity ? length : lowerBound(offsets, open.end, scanFrom, length);
      const at = Math.min(gridAt, endAt);
      if (at > i) {
        const untilRow = at === length ? batch.length : lowerBound(batch.rawIndex, at, row, batch.length);
        const until = offsets[at - 1]! + 1;
        let untilDeadLetter = deadLetter;
        while (untilDeadLetter < batch.deadLetters.length && batch.deadLetters[untilDeadLetter]!.offset < until) untilDeadLetter++;
        this.#fold(open, batch, row, untilRow, at - i, untilDeadLetter - deadLetter);
        this.#until = until;
        this.#lastData = raw.data;
        this.#lastStart = raw.valueStart[at - 1]!;
        this.#lastEnd = raw.valueEnd[at - 1]!;
        row = untilRow;
        deadLetter = untilDeadLetter;
      }
      // Where grid and manifest end the segment at the same record, its id is the grid's: every worker gives it that.
      if (at < length) this.#close(open, gridAt === at ? undefined : open.end, offsets[at]!);
      i = at;
    }
    this.#position = raw.position;
  }

  /** What has changed since the last call, value and version at the same record; undefined when nothing has. */
  take(): FoldedWrites | undefined {
    if (!this.hasNews) return undefined;
    const segments = this.#closed;
    this.#closed = [];
    if (this.#open !== undefined && this.#until > this.#takenUntil && this.#until > this.#open.first) {
      segments.push(this.#write(this.#open, undefined, undefined));
    }
    const taken: FoldedWrites = {
      segments,
      until: this.#until,
      position: this.#position,
      sealedUntil: this.#sealedUntil,
      records: this.#records,
      events: this.#events,
      late: this.#late,
      deadLetters: this.#deadLetters,
    };
    this.#sealedUntil = undefined;
    this.#takenUntil = this.#until;
    this.#takenPosition = this.#position;
    this.#records = this.#events = this.#late = this.#deadLetters = 0;
    return taken;
  }

  #begin(first: number, firstAppendedAt: number): void {
    this.#open = {
      first,
      firstAppendedAt,
      previous: this.#until,
      end: this.#ends[lowerBound(this.#ends, first + 1)] ?? Infinity,
      records: 0,
      events: 0,
      late: 0,
      deadLetters: 0,
      maxEventTime: -Infinity,
    };
    for (const fold of this.#folds) fold.clear();
  }

  #fold(open: OpenSegment, batch: ColumnBatch, from: number, until: number, records: number, deadLetters: number): void {
    let late = 0;
    let maxEventTime = open.maxEventTime;
    for (let i = from; i < until; i++) {
      late += batch.late[i]!;
      const eventTime = batch.eventTime[i]!;
      if (eventTime > maxEventTime) maxEventTime = eventTime;
    }
    open.maxEventTime = maxEventTime;
    open.records += records;
    open.events += until - from;
    open.late += late;
    open.deadLetters += deadLetters;
    this.#records += records;
    this.#events += until - from;
    this.#late += late;
    this.#deadLetters += deadLetters;
    if (until > from) for (const fold of this.#folds) fold.add(batch, from, until);
  }

  #close(open: OpenSegment, end: number | undefined, nextOffset: number): void {
    this.#closed.push(this.#write(open, end, nextOffset));
    this.#sealedUntil = this.#until;
    this.#open = undefined;
  }

  /** Captures the changed rows, or under an id of its own all of them, and the progress that they allow. */
  #write(open: OpenSegment, end: number | undefined, nextOffset: number | undefined): SegmentWrite {
    const { partition, speedRetentionMs, overlapping, durable } = this.#options;
    const { topic, logVersion } = partition;
    const written = end === undefined && durable !== undefined && durable.first === open.first && this.#until <= durable.until;
    const segment: SegmentId = { topic, logVersion, partition: partition.partition, first: open.first, ...(end === undefined ? {} : { end }) };
    const sealed = nextOffset !== undefined;
    const expiresAt = open.firstAppendedAt + speedRetentionMs;
    const coveredUntil = expiresAt - coverageMarginMs(speedRetentionMs);
    const crc = this.#lastStart < 0 ? 0 : crc32(this.#lastData!.subarray(this.#lastStart, this.#lastEnd));
    const rows: SegmentWrite["rows"][number][] = [];
    const progress: ProgressRow[] = [];
    for (const fold of this.#folds) {
      const partials = end === undefined ? fold.changed() : fold.all();
      if (partials.length > 0 && !written) rows.push({ view: fold.view, partials: { segment, receivedAt: open.firstAppendedAt, ...partials } });
      progress.push({
        fingerprint: fold.view.fingerprint,
        segment,
        previous: open.previous,
        until: this.#until,
        sealed,
        version: nextOffset === undefined ? this.#until : nextOffset + 1,
        records: open.records,
        events: open.events,
        filtered: fold.filtered,
        late: open.late,
        deadLetters: open.deadLetters,
        minWindow: fold.minWindow,
        maxWindow: fold.maxWindow,
        maxEventTime: open.maxEventTime === -Infinity ? null : open.maxEventTime,
        receivedAt: open.firstAppendedAt,
        crc,
        coveredUntil,
        overlapping,
      });
    }
    return { segment, sealed, records: open.records, rows, progress, coveredUntil, expiresAt };
  }
}
