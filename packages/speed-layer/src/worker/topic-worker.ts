import { MillraceError, claimGridRecord, onAbort, topicGrid } from "@millrace/core";
import type { Clock, EventLog, FileSystem, Grid, ProgressRow, Retry, StreamPlan, Telemetry, TopicDescription, ViewDefinition, ViewStore } from "@millrace/core";
import type { Ownership } from "../ownership/ownership.js";
import { pausedUntilChange } from "../ownership/paused-until-change.js";
import { linkedAbort } from "../tasks/linked-abort.js";
import { resumed } from "../tasks/resumed.js";
import { TaskScope } from "../tasks/task-scope.js";
import type { PartitionStatus } from "./partition-status.js";
import { PartitionWorker } from "./partition-worker.js";
import { TopicWorld } from "./topic-world.js";

export interface TopicWorkerOptions {
  readonly plan: StreamPlan;
  /** The views of the topic. */
  readonly views: readonly ViewDefinition[];
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly timers: Clock;
  readonly grid: Grid;
  readonly retry: Retry;
  readonly telemetry: Telemetry;
  readonly worker: string;
  readonly ownership: Ownership;
  readonly flushMinMs: number;
  readonly maxInFlight: number;
  readonly speedRetentionMs: number;
  readonly refreshMs: number;
  readonly batchPeriodMs: number;
}

/** A worker of one partition, for as long as this process owns it. */
interface Owned {
  readonly worker: PartitionWorker;
  /** Aborted when the partition is another's. */
  readonly lost: AbortController;
}

/** Keeps the views of one topic: a worker a partition that is owned, new ones included, and one look at the batch layer for all. */
export class TopicWorker {
  readonly #options: TopicWorkerOptions;
  readonly #world: TopicWorld;
  readonly #workers = new Map<number, Owned>();
  /** Those who wait for a partition to appear. */
  readonly #waiting: (() => void)[] = [];
  #grid: Grid | undefined;
  /** The world changed, and not every worker has considered it yet. */
  #changed = false;

  constructor(options: TopicWorkerOptions) {
    this.#options = options;
    this.#world = new TopicWorld(options.plan.stream.topic, options);
  }

  get topic(): string {
    return this.#options.plan.stream.topic;
  }

  get status(): readonly PartitionStatus[] {
    return [...this.#workers.values()].map(({ worker }) => worker.status);
  }

  /** Resolves once everything of the partition below `end` is durable, or the partition is another's. */
  async caughtUp(partition: number, end: number, signal: AbortSignal): Promise<void> {
    while (this.#options.ownership.owns(this.topic, partition)) {
      const owned = this.#workers.get(partition);
      if (owned === undefined) {
        await resumed((resume) => this.#waiting.push(resume), signal);
        continue;
      }
      const { abort, unlink } = linkedAbort(signal);
      const forget = onAbort(owned.lost.signal, () => abort.abort(owned.lost.signal.reason));
      try {
        await owned.worker.caughtUp(end, abort.signal);
        return;
      } catch (error) {
        if (signal.aborted || !owned.lost.signal.aborted) throw error;
      } finally {
        forget();
        unlink();
      }
    }
  }

  /**
   * Works until aborted.
   *
   * @throws {UnsuitableTopicError} when the topic is compacted or keeps records too short.
   * @throws {GridMismatchError} when a partition was cut on another grid, or under another log version.
   */
  async run(signal: AbortSignal): Promise<void> {
    const scope = new TaskScope(signal);
    scope.start((abort) => this.#work(scope, abort));
    try {
      await scope.join();
    } finally {
      this.#workers.clear();
    }
  }

  async #work(scope: TaskScope, signal: AbortSignal): Promise<void> {
    const { ownership, timers, refreshMs, retry, telemetry } = this.#options;
    await ownership.known(signal);
    let { version } = ownership;
    await retry(`opening topic "${this.topic}"`, (attempt) => this.#lookAtLog(scope, attempt, () => this.#world.refresh(attempt)), signal);
    for (;;) {
      await pausedUntilChange(ownership, version, timers, refreshMs, signal);
      ({ version } = ownership);
      try {
        await this.#look(scope, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MillraceError) || !error.retryable) throw error;
        // What is known stays true enough: a reader trusts no row that does not fit, and the next look may succeed.
        telemetry({ type: "Warning", code: "SPEED_REFRESH", message: `looking for changes of topic "${this.topic}": ${error.message}` });
      }
      await Promise.all([...this.#workers.values()].map(({ worker }) => worker.heartbeat(signal)));
    }
  }

  async #look(scope: TaskScope, signal: AbortSignal): Promise<void> {
    const { store, views } = this.#options;
    let progress: Promise<readonly (readonly ProgressRow[])[]> | undefined;
    const readProgress = (): NonNullable<typeof progress> =>
      (progress ??= Promise.all(views.map(({ fingerprint }) => store.readProgress(fingerprint, this.topic, signal))));
    await this.#lookAtLog(scope, signal, async () => {
      if (await this.#world.refresh(signal)) this.#changed = true;
    });
    const concerned = [...this.#workers.values()].filter(({ worker }) => this.#changed || worker.inGap);
    await Promise.all(concerned.map(({ worker }) => worker.consider(readProgress)));
    this.#changed = false;
  }

  /** Ends workers of partitions that are another's now; starts those of partitions that are new here, after `before`. */
  async #lookAtLog(scope: TaskScope, signal: AbortSignal, before: () => Promise<unknown>): Promise<void> {
    const { log, plan, views, store, files, clock, timers, retry, telemetry, worker, ownership, flushMinMs, maxInFlight, speedRetentionMs } = this.#options;
    for (const [partition, { lost }] of this.#workers) {
      if (ownership.owns(this.topic, partition)) continue;
      this.#workers.delete(partition);
      lost.abort();
    }
    await before();
    const description = await log.describe(this.topic, signal);
    const grid = (this.#grid ??= this.#openGrid(description));
    for (const { partition, logVersion, start } of description.partitions) {
      if (this.#workers.has(partition) || !ownership.owns(this.topic, partition)) continue;
      const record = await claimGridRecord(files, { topic: this.topic, logVersion, partition, grid, origin: start }, signal);
      const added = new PartitionWorker({
        partition: { topic: this.topic, logVersion, partition },
        origin: record.origin,
        plan,
        views,
        grid,
        log,
        store,
        clock,
        timers,
        world: this.#world,
        retry,
        telemetry,
        worker,
        flushMinMs,
        maxInFlight,
        speedRetentionMs,
      });
      const lost = new AbortController();
      this.#workers.set(partition, { worker: added, lost });
      scope.start((abort) => runUntilLost(added, lost.signal, abort));
    }
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #openGrid(description: TopicDescription): Grid {
    const { grid, batchPeriodMs, telemetry } = this.#options;
    if (description.timestamps === "create") {
      telemetry({
        type: "Warning",
        code: "NO_BROKER_CLOCK",
        message: `topic "${this.topic}" is stamped by its producers (CreateTime): segments are cut by offsets alone, every ${grid.segmentOffsets}`,
      });
    }
    return topicGrid(description, grid, batchPeriodMs);
  }
}

/** What is under way when the partition is lost may be left half done: every write is a function of the log, and its next owner writes the same. */
async function runUntilLost(worker: PartitionWorker, lost: AbortSignal, signal: AbortSignal): Promise<void> {
  const { abort, unlink } = linkedAbort(signal);
  const forget = onAbort(lost, () => abort.abort(lost.reason));
  try {
    await worker.run(abort.signal);
  } catch (error) {
    if (signal.aborted || !lost.aborted) throw error;
  } finally {
    forget();
    unlink();
  }
}
