import { LogTrimmedError, createEventDecoder, onAbort, segmentName } from "@millrace/core";
import type { Clock, ColumnBatch, EventLog, Grid, LogPartition, ProgressRow, Retry, StreamPlan, Telemetry, ViewDefinition, ViewStore } from "@millrace/core";
import { tap } from "rxjs";
import { resumed } from "../tasks/resumed.js";
import { InFlight } from "../consume/in-flight.js";
import { partitionBatches } from "../consume/partition-batches.js";
import { reportDeadLetters } from "../delivery/report-dead-letters.js";
import { groupCommit } from "./group-commit.js";
import type { PartitionStatus } from "./partition-status.js";
import { SegmentFolder } from "./segment-folder.js";
import type { FoldedWrites } from "./segment-write.js";
import { SpeedGapError } from "./speed-gap-error.js";
import { durableAtStart, startPosition, startRestsOn } from "./start-position.js";
import type { DurableRows } from "./start-position.js";
import type { TopicWorld } from "./topic-world.js";
import { writeFolded } from "./write-folded.js";

export interface PartitionWorkerOptions {
  readonly partition: LogPartition;
  /** The first segment's `previous`, as recorded. */
  readonly origin: number;
  readonly plan: StreamPlan;
  readonly views: readonly ViewDefinition[];
  readonly grid: Grid;
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly timers: Clock;
  readonly world: TopicWorld;
  readonly retry: Retry;
  readonly telemetry: Telemetry;
  readonly worker: string;
  readonly flushMinMs: number;
  readonly maxInFlight: number;
  readonly speedRetentionMs: number;
}

/** One reading of the partition, from a segment boundary on. */
interface Session {
  readonly folder: SegmentFolder;
  readonly inFlight: InFlight;
  /** End of the last segment that this session made durable and sealed, or its start. */
  sealedUntil: number;
  /** Gives this session up: the worker looks for its start position again. */
  readonly restart: () => void;
}

interface Gap {
  /** Where the worker would have started: while that does not change, trying again is useless. */
  readonly start: number;
  readonly from: number;
  readonly until: number | null;
  readonly reason: string;
}

interface Waiter {
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Records a batch holds at most. */
const LONGEST_BATCH = 10_000;

/**
 * Keeps the views of one partition: reads from the first position that the chain does not cover, folds, flushes; starts
 * over when the batch layer moves that position below what it holds; waits in a gap for the batch layer to pass it.
 */
export class PartitionWorker {
  readonly #options: PartitionWorkerOptions;
  readonly #waiters = new Set<Waiter>();
  #session: Session | undefined;
  #gap: Gap | undefined;
  /** The highest start below the current cut that led into a gap: whom an older generation serves cannot be helped. */
  #lost = -1;
  #durableUntil: number;
  /** Of the segment that the next reading begins with. */
  #durableAtStart: DurableRows | undefined;
  #end: number;
  #hurry: () => void = () => {};
  #lookAgain: () => void = () => {};
  #maxEventTime: number | null = null;
  #records = 0;
  #events = 0;
  #late = 0;
  #deadLetters = 0;
  #rowsWritten = 0;
  #flushes = 0;

  constructor(options: PartitionWorkerOptions) {
    this.#options = options;
    this.#durableUntil = options.origin;
    this.#end = options.origin;
  }

  get inGap(): boolean {
    return this.#gap !== undefined;
  }

  get status(): PartitionStatus {
    const { topic, partition, logVersion } = this.#options.partition;
    const open = this.#session?.folder.openSegment;
    const gap = this.#gap;
    return {
      topic,
      partition,
      logVersion,
      state: gap !== undefined ? "gap" : this.#session === undefined ? "starting" : "running",
      position: this.#session?.folder.position ?? this.#durableUntil,
      durableUntil: this.#durableUntil,
      end: this.#end,
      inFlight: this.#session?.inFlight.outstanding ?? 0,
      maxEventTime: this.#maxEventTime,
      segment: open === undefined ? null : segmentName(open),
      gap: gap === undefined ? null : { from: gap.from, until: gap.until, reason: gap.reason },
      records: this.#records,
      events: this.#events,
      late: this.#late,
      deadLetters: this.#deadLetters,
      rowsWritten: this.#rowsWritten,
      flushes: this.#flushes,
    };
  }

  /** Works until aborted. Rejects with what cannot be overcome: the store's, the log's or a view's error. */
  async run(signal: AbortSignal): Promise<void> {
    let reason = "started";
    for (;;) {
      signal.throwIfAborted();
      const { world } = this.#options;
      const { version } = world;
      const start = await this.#startPosition(signal);
      signal.throwIfAborted();
      // Between here and the new session nothing is awaited: a later change is seen by `consider`.
      if (version !== world.version) continue;
      if (this.#gap !== undefined) {
        if (start === this.#gap.start) {
          await resumed((resume) => {
            this.#lookAgain = resume;
          }, signal);
          continue;
        }
        this.#gap = undefined;
        reason = "the gap was passed";
      }
      const gap = await this.#read(start, reason, signal);
      reason = "the chain moved";
      if (gap === undefined) continue;
      const { partition, origin } = this.#options;
      // Only a view that an older generation serves starts below the current cut: it must not hold up the others.
      if (start < world.cut(partition, origin)) this.#lost = Math.max(this.#lost, start);
      else await this.#enterGap(start, gap, signal);
    }
  }

  /**
   * Called after the batch layer committed a manifest, published or rolled back: starts over where that is needed. In a
   * gap, called at every look at the world.
   */
  async consider(readProgress: () => Promise<readonly (readonly ProgressRow[])[]>): Promise<void> {
    this.#lookAgain();
    const { partition, origin, world, clock } = this.#options;
    const session = this.#session;
    if (session === undefined) return;
    if (session.folder.learn(world.ends(partition))) {
      session.restart();
      return;
    }
    // Taken before the progress rows are read: what is sealed by then must be on the chain.
    const { sealedUntil } = session;
    const start = startPosition(await readProgress(), partition, world.cuts(partition, origin, this.#lost), clock.now());
    if (start < sealedUntil || start > session.folder.position) session.restart();
  }

  /** Resolves once everything below `end` is durable. Meanwhile flushes do not wait. */
  caughtUp(end: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        this.#waiters.delete(waiter);
        forget();
      };
      const forget = onAbort(signal, () => waiter.reject(signal.reason));
      const waiter: Waiter = {
        end,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error as Error);
        },
      };
      this.#waiters.add(waiter);
      if (this.#gap !== undefined) waiter.reject(new SpeedGapError(this.#options.partition, this.#gap));
      else this.#tellWaiters();
      this.#hurry();
    });
  }

  async heartbeat(signal: AbortSignal): Promise<void> {
    const { store, partition, clock, worker, retry } = this.#options;
    const { position, gap } = this.status;
    await retry(
      "writing a heartbeat",
      (attempt) =>
        store.writeHeartbeat(
          { topic: partition.topic, partition: partition.partition, worker, at: clock.now(), position, ...(gap === null ? {} : { gap }) },
          attempt,
        ),
      signal,
    );
  }

  async #startPosition(signal: AbortSignal): Promise<number> {
    const { store, views, partition, origin, world, clock, retry } = this.#options;
    const progress = await retry(
      "reading progress",
      (attempt) => Promise.all(views.map(({ fingerprint }) => store.readProgress(fingerprint, partition.topic, attempt))),
      signal,
    );
    const now = clock.now();
    const cuts = world.cuts(partition, origin, this.#lost);
    const start = startPosition(progress, partition, cuts, now);
    this.#durableAtStart = durableAtStart(progress, partition, now, start);
    const restsOn = start === this.#gap?.start ? [] : startRestsOn(progress, partition, cuts, now, start);
    if (restsOn.length > 0) await retry("writing progress again", (attempt) => store.writeProgress(restsOn, attempt), signal);
    return start;
  }

  /** Reads from `start` on until aborted (rejects), given up (undefined) or in a gap. */
  async #read(start: number, reason: string, signal: AbortSignal): Promise<SpeedGapError | undefined> {
    const { partition, plan, views, grid, log, timers, world, retry, telemetry, flushMinMs, maxInFlight, speedRetentionMs, store } = this.#options;
    const maxRecords = Math.max(1, Math.min(LONGEST_BATCH, Math.floor(maxInFlight / 4)));
    const folder = new SegmentFolder({
      partition,
      views,
      grid,
      start,
      ends: world.ends(partition),
      speedRetentionMs,
      overlapping: store.overlapping ?? true,
      durable: this.#durableAtStart,
    });
    const inFlight = new InFlight(maxInFlight, timers);
    telemetry({ type: "WorkerStarted", topic: partition.topic, partition: partition.partition, position: start, reason });
    this.#durableUntil = start;
    try {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          forget();
          subscription.unsubscribe();
          this.#session = undefined;
          this.#hurry = () => {};
        };
        const forget = onAbort(signal, () => {
          stop();
          reject(signal.reason as Error);
        });
        const session: Session = {
          folder,
          inFlight,
          sealedUntil: start,
          restart: () => {
            if (this.#session !== session) return;
            stop();
            resolve();
          },
        };
        this.#session = session;
        const subscription = partitionBatches(log, createEventDecoder(plan), { topic: partition.topic, partition: partition.partition, from: start, maxRecords, inFlight, retry })
          .pipe(
            tap((batch: ColumnBatch) => {
              this.#end = batch.raw.end;
              reportDeadLetters(batch, telemetry);
            }),
            groupCommit({
              partition,
              folder,
              write: (folded, abort) => this.#write(folded, session, abort),
              timers,
              flushMinMs,
              flushRecords: Math.floor(maxInFlight / 2),
              urgent: () => this.#waiters.size > 0,
              onStart: (notify) => {
                this.#hurry = notify;
              },
            }),
          )
          .subscribe({
            next: ({ until }) => {
              inFlight.release(until);
              this.#durableUntil = until;
              this.#tellWaiters();
            },
            error: (error: unknown) => {
              forget();
              this.#session = undefined;
              reject(error as Error);
            },
            // A log ends a reading when it is closed; there is nothing left to keep fresh.
            complete: () => undefined,
          });
        this.#tellWaiters();
      });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof SpeedGapError) return error;
      if (error instanceof LogTrimmedError) {
        return new SpeedGapError(partition, { from: error.from, until: error.start, reason: "the log no longer holds these records", cause: error });
      }
      throw error;
    }
  }

  async #write(folded: FoldedWrites, session: Session, signal: AbortSignal): Promise<void> {
    const { partition, telemetry } = this.#options;
    const startedMs = performance.now();
    await writeFolded(folded, this.#options, signal);
    // Only offsets without a record were passed.
    if (folded.segments.length === 0) return;
    if (folded.sealedUntil !== undefined) session.sealedUntil = folded.sealedUntil;
    let rows = 0;
    for (const segment of folded.segments) {
      const { maxEventTime } = segment.progress[0]!;
      if (maxEventTime !== null) this.#maxEventTime = Math.max(this.#maxEventTime ?? maxEventTime, maxEventTime);
      for (const { partials } of segment.rows) rows += partials.length;
      if (segment.sealed) {
        telemetry({
          type: "SegmentSealed",
          topic: partition.topic,
          partition: partition.partition,
          segment: segmentName(segment.segment),
          until: segment.progress[0]!.until,
          records: segment.records,
        });
      }
    }
    this.#records += folded.records;
    this.#events += folded.events;
    this.#late += folded.late;
    this.#deadLetters += folded.deadLetters;
    this.#rowsWritten += rows;
    this.#flushes += 1;
    telemetry({
      type: "Flushed",
      topic: partition.topic,
      partition: partition.partition,
      until: folded.until,
      records: folded.records,
      events: folded.events,
      late: folded.late,
      deadLetters: folded.deadLetters,
      rows,
      durationMs: performance.now() - startedMs,
    });
  }

  async #enterGap(start: number, error: SpeedGapError, signal: AbortSignal): Promise<void> {
    const { partition, telemetry } = this.#options;
    const { from, until, reason } = error;
    this.#gap = { start, from, until, reason };
    telemetry({ type: "WorkerGap", topic: partition.topic, partition: partition.partition, from, until, reason });
    for (const waiter of [...this.#waiters]) waiter.reject(error);
    await this.heartbeat(signal);
  }

  #tellWaiters(): void {
    if (this.#session === undefined) return;
    for (const waiter of [...this.#waiters]) if (this.#durableUntil >= waiter.end) waiter.resolve();
  }
}
