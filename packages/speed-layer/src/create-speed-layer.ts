import { DEFAULT_GRID, Problems, planStreams, silent } from "@millrace/core";
import type { Clock, EventLog, FileSystem, Grid, Output, StreamPlan, Telemetry, ViewDefinition, ViewStore, WorkerGroup } from "@millrace/core";
import { DEFAULT_MAX_IN_FLIGHT } from "./consume/consume.js";
import { LEAST_IN_FLIGHT } from "./consume/consume-plan.js";
import { DEFAULT_RETRY_FOR_MS, resolveDelivery } from "./delivery/delivery-options.js";
import { seededRandom } from "./delivery/seeded-random.js";
import { AlreadyRunningError } from "./already-running-error.js";
import { OutputWorker } from "./outputs/output-worker.js";
import { ownsAll, type Ownership } from "./ownership/ownership.js";
import { SharedOwnership } from "./ownership/shared-ownership.js";
import type { SpeedLayer } from "./speed-layer.js";
import { SpeedLayerStoppedError } from "./speed-layer-stopped-error.js";
import { linkedAbort } from "./tasks/linked-abort.js";
import { resumed } from "./tasks/resumed.js";
import { TaskScope } from "./tasks/task-scope.js";
import { DEFAULT_FLUSH_MIN_MS } from "./worker/group-commit.js";
import { DEFAULT_SPEED_RETENTION_MS } from "./worker/speed-retention.js";
import { TopicWorker } from "./worker/topic-worker.js";

/** What `createSpeedLayer` works with: ports, streams with their views, and outputs. */
export interface SpeedLayerOptions {
  readonly log: EventLog;
  readonly store: ViewStore;
  /** Where the batch layer tells its manifests and generations, and where outputs keep their positions. */
  readonly files: FileSystem;
  /** What expiry is measured by: the broker's clock, or one close to it. */
  readonly clock: Clock;
  readonly views: readonly ViewDefinition[];
  readonly outputs?: readonly Output[];
  /** Awaited by `run` before it delivers to outputs, which only one process may do. Default: at once. */
  readonly mayDeliver?: (signal: AbortSignal) => Promise<void>;
  /** Decoding plans of all layers, when others read the topics for more than these views and outputs. */
  readonly plans?: readonly StreamPlan[];
  /** Default 200,000 offsets and 15 minutes. Recorded once a partition; a different one later is refused. */
  readonly grid?: Grid;
  /** A flush starts no sooner than this after the start of the one before, ms. Default 20. */
  readonly flushMinMs?: number;
  /** Records of one partition read and not durable, at most. Default 50,000; at least 2,000 where there are outputs. */
  readonly maxInFlight?: number;
  /** Life of rows after their segment's first record, ms. Default 7 days: longer than the batch layer may ever be away. */
  readonly speedRetentionMs?: number;
  /** How often new partitions, manifests and generations are looked for, and heartbeats written, ms. Default 1,000. */
  readonly refreshMs?: number;
  /** How long the log must keep records beside the time of a segment, ms. Default one hour. */
  readonly batchPeriodMs?: number;
  /** What pauses (`flushMinMs`, `refreshMs`, retries) are measured by. Default: `clock`. Give the system's where `clock` is simulated and fast. */
  readonly timers?: Clock;
  readonly telemetry?: Telemetry;
  /** Shares partitions with other processes: for the views with those of one group, for outputs with those of another. Default: this process works on all of them. */
  readonly share?: { readonly workers: WorkerGroup; readonly views: string; readonly outputs: string };
  /** Names this process in heartbeats. */
  readonly workerId: string;
  /** How long a call that fails and says it is retryable is repeated, ms, before the layer stops. Default 5 minutes. */
  readonly retryForMs?: number;
  /** In `[0, 1)`, for the jitter of retries. Default: a sequence of its own for each `workerId`. */
  readonly random?: () => number;
}

/** How often the store is asked to drop what has expired, ms. */
const SWEEP_MS = 60_000;

/**
 * The speed layer: a worker for every partition of the views' topics, and a consumer for every output. Opens nothing
 * before `run`.
 *
 * @throws {ConfigurationError} with every option that cannot be used.
 */
export function createSpeedLayer(options: SpeedLayerOptions): SpeedLayer {
  const settings = resolveOptions(options);
  const { log, store, clock, timers, views, outputs, mayDeliver, plans, telemetry, retry } = settings;
  const sharing = options.share && { viewOwnership: new SharedOwnership(), outputOwnership: new SharedOwnership(), ...options.share };
  const { viewOwnership, outputOwnership }: { viewOwnership: Ownership; outputOwnership: Ownership } = sharing ?? { viewOwnership: ownsAll, outputOwnership: ownsAll };
  const planOf = (topic: string): StreamPlan => plans.find(({ stream }) => stream.topic === topic)!;
  let running: { readonly topics: readonly TopicWorker[]; readonly outputs: readonly OutputWorker[]; readonly ended: Promise<void> } | undefined;
  /** Those who wait for `run`. */
  let waiting: (() => void)[] = [];

  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      await timers.sleep(SWEEP_MS, signal);
      await retry("sweeping the store", (attempt) => store.sweep(clock.now(), attempt), signal);
    }
  };

  const work = async (topics: readonly TopicWorker[], outputWorkers: readonly OutputWorker[], signal: AbortSignal): Promise<void> => {
    const scope = new TaskScope(signal);
    if (sharing !== undefined) {
      const join = (ownership: SharedOwnership, group: string, read: readonly string[]): void => {
        if (read.length > 0) scope.start((abort) => ownership.follow(sharing.workers, { group, topics: [...new Set(read)].sort() }, telemetry, abort));
      };
      join(sharing.viewOwnership, sharing.views, views.map(({ from }) => from.topic));
      join(sharing.outputOwnership, sharing.outputs, outputs.map(({ stream }) => stream.topic));
    }
    scope.start(async (abort) => {
      if (views.length > 0) await retry("preparing the store", (attempt) => store.prepare(views, attempt), abort);
      for (const topic of topics) scope.start((inner) => topic.run(inner));
      if (outputWorkers.length > 0) {
        scope.start(async (inner) => {
          await mayDeliver(inner);
          for (const output of outputWorkers) scope.start((own) => output.run(own));
        });
      }
      await sweep(abort);
    });
    await scope.join();
  };

  return {
    async run(signal) {
      if (running !== undefined) throw new AlreadyRunningError();
      const topics = [...new Set(views.map(({ from }) => from.topic))].map(
        (topic) =>
          new TopicWorker({ ...settings, ownership: viewOwnership, plan: planOf(topic), views: views.filter(({ from }) => from.topic === topic), worker: settings.workerId }),
      );
      const outputWorkers = outputs.map((output) => new OutputWorker({ ...settings, ownership: outputOwnership, output, plan: planOf(output.stream.topic) }));
      const ended = work(topics, outputWorkers, signal);
      running = { topics, outputs: outputWorkers, ended };
      for (const resume of waiting) resume();
      waiting = [];
      try {
        await ended;
      } finally {
        running = undefined;
      }
    },
    async caughtUp(signal) {
      const ends: { topic: string; partition: number; end: number }[] = [];
      for (const topic of new Set(views.map(({ from }) => from.topic))) {
        const { partitions } = await log.describe(topic, signal);
        for (const { partition, end } of partitions) ends.push({ topic, partition, end });
      }
      while (running === undefined) await resumed((resume) => waiting.push(resume), signal);
      const { topics, ended } = running;
      const { abort, unlink } = linkedAbort(signal);
      const all = async (): Promise<void> => {
        await viewOwnership.known(abort.signal);
        await Promise.all(ends.map(({ topic, partition, end }) => topics.find((worker) => worker.topic === topic)!.caughtUp(partition, end, abort.signal)));
      };
      try {
        await Promise.race([
          all(),
          // The layer's failure is the answer to whoever waits for it.
          ended.then(() => {
            throw new SpeedLayerStoppedError();
          }),
        ]);
      } finally {
        unlink();
        abort.abort();
      }
    },
    status: () => ({
      running: running !== undefined,
      partitions: running?.topics.flatMap(({ status }) => status) ?? [],
      outputs: running?.outputs.flatMap(({ status }) => status) ?? [],
    }),
  };
}

function resolveOptions(options: SpeedLayerOptions) {
  const {
    log,
    store,
    files,
    clock,
    views,
    workerId,
    outputs = [],
    mayDeliver = () => Promise.resolve(),
    grid = DEFAULT_GRID,
    flushMinMs = DEFAULT_FLUSH_MIN_MS,
    maxInFlight = DEFAULT_MAX_IN_FLIGHT,
    speedRetentionMs = DEFAULT_SPEED_RETENTION_MS,
    refreshMs = 1_000,
    batchPeriodMs = 3_600_000,
    timers = clock,
    telemetry = silent,
    retryForMs = DEFAULT_RETRY_FOR_MS,
    random = seededRandom(workerId),
  } = options;
  const problems = new Problems();
  const whole = (path: string, value: number, least: number): void => {
    if (!Number.isSafeInteger(value) || value < least) problems.add(path, `must be a whole number of at least ${least}, not ${value}`);
  };
  whole("flushMinMs", flushMinMs, 0);
  whole("maxInFlight", maxInFlight, outputs.length > 0 ? LEAST_IN_FLIGHT : 1);
  whole("speedRetentionMs", speedRetentionMs, 1);
  whole("refreshMs", refreshMs, 1);
  whole("batchPeriodMs", batchPeriodMs, 0);
  whole("retryForMs", retryForMs, 0);
  whole("grid.segmentOffsets", grid.segmentOffsets, 1);
  if (grid.segmentMs !== null) whole("grid.segmentMs", grid.segmentMs, 1);
  if (workerId === "") problems.add("workerId", "must not be empty");
  const plans = options.plans ?? planStreams(views, outputs.map(({ stream }) => stream));
  for (const { topic } of [...views.map(({ from }) => from), ...outputs.map(({ stream }) => stream)]) {
    if (!plans.some(({ stream }) => stream.topic === topic)) problems.add("plans", `none is of topic "${topic}"`);
  }
  problems.throwIfAny("creating the speed layer");
  const { retry } = resolveDelivery({ clock: timers, retryForMs, random, telemetry });
  return { log, store, files, clock, timers, views, outputs, mayDeliver, plans, grid, flushMinMs, maxInFlight, speedRetentionMs, refreshMs, batchPeriodMs, retryForMs, telemetry, random, workerId, retry };
}
