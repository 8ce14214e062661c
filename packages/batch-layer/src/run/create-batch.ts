import {
  EMPTY_CUT,
  findGeneration,
  listGenerations,
  readCurrent,
  silent,
  tableIn,
  type Clock,
  type Cut,
  type EventLog,
  type FileSystem,
  type Generation,
  type Grid,
  type ModelDefinition,
  type SqlEngine,
  type StreamPlan,
  type Telemetry,
  type ViewDefinition,
  type ViewDrift,
  type ViewStore,
} from "@millrace/core";
import { streamFingerprint } from "../ingest/stream-fingerprint.js";
import { completenessOf, type Completeness } from "../master-dataset/completeness.js";
import { TopicDataset } from "../master-dataset/topic-dataset.js";
import { modelOrder } from "../models/model-order.js";
import { reconcileView } from "../reconcile/reconcile-view.js";
import { buildTables, type BuildStep } from "./build-tables.js";
import { checkModel, type PassedCheck } from "./check-tables.js";
import { cutAtInstant, newestCut } from "./fix-cut.js";
import { prune, type Pruned, type PruneOptions } from "./prune.js";
import { completeSwitch, publish } from "./publish.js";
import { rollback } from "./rollback.js";
import { DriftError } from "./run-errors.js";
import { declaredTables, planRun, WHOLE, type RunPlan } from "./run-plan.js";
import { RUNS_FOLDER, startRunRecord } from "./run-record.js";
import { findBases, type TableBase } from "./table-bases.js";
import { trackProgress } from "./track-progress.js";

export interface BatchOptions {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  /** The speed layer's views, to reconcile with. Without it generations are not comparable. */
  readonly store?: ViewStore;
  readonly clock: Clock;
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
  /** The streams of the views and models, as ingest decodes them. */
  readonly plans: readonly StreamPlan[];
  /** Not used: every partition's grid is recorded. */
  readonly grid?: Grid;
  readonly telemetry?: Telemetry;
}

export interface RunSettings {
  /** Rebuild every date. */
  readonly full?: boolean;
  /** Cut before the first record with `appendedAt >=` this instant, epoch ms: a multiple of the grid's time. */
  readonly cutAt?: number;
  /** How long to wait until every partition is sealed or quiet that far, ms. Default 10 minutes. */
  readonly deadlineMs?: number;
}

/** Nothing changed since the current generation; null when there is nothing to publish yet. */
export interface Unchanged {
  readonly unchanged: true;
  readonly current: Generation | null;
}

export interface Batch {
  /** What a run would do now. Waits as it does when given an instant to cut at; writes only that instant's cut. */
  plan(settings: RunSettings, signal: AbortSignal): Promise<RunPlan>;
  /**
   * Plans, builds, checks, reconciles and publishes. When it fails nothing was published.
   *
   * @throws {CheckFailedError} with the rows that failed; {@link DriftError} when the layers disagree;
   * {@link PublicationLostError} when another run was faster; {@link CutNotReachedError} at the deadline.
   */
  run(settings: RunSettings, signal: AbortSignal): Promise<Generation | Unchanged>;
  /** The generations that are there, oldest first. */
  list(signal: AbortSignal): Promise<readonly Generation[]>;
  /** Publishes an old generation's content as a new one. */
  rollback(number: number, signal: AbortSignal): Promise<Generation>;
  prune(options: PruneOptions, signal: AbortSignal): Promise<Pruned>;
  /** Compares the current generation with its parent and the speed layer's rows between their cuts. */
  reconcile(signal: AbortSignal): Promise<readonly ViewDrift[]>;
  /** What the manifests say about each topic. */
  completeness(signal: AbortSignal): Promise<readonly Completeness[]>;
}

const DEFAULT_DEADLINE_MS = 600_000;

export function createBatch(options: BatchOptions): Batch {
  const { log, files, engine, store, clock, views, models, plans, telemetry = silent } = options;

  const openDatasets = async (signal: AbortSignal): Promise<ReadonlyMap<string, TopicDataset>> => {
    const datasets = new Map(plans.map(({ stream }) => [stream.topic, new TopicDataset(files, stream.topic)]));
    for (const dataset of datasets.values()) await dataset.refresh(signal);
    return datasets;
  };

  const declared = declaredTables(views, models);

  const planned = async ({ full = false, cutAt, deadlineMs = DEFAULT_DEADLINE_MS }: RunSettings, parent: Generation | null, signal: AbortSignal) => {
    const deadline = clock.now() + deadlineMs;
    const bases = await findBases(files, parent, declared, signal);
    const datasets = await openDatasets(signal);
    const cut = cutAt === undefined ? newestCut(datasets) : await cutAtInstant({ log, files, clock, datasets, cutAt, deadline }, signal);
    for (const dataset of datasets.values()) {
      dataset.check(cut);
      // Manifests that tables were built from must be there still.
      for (const { generation } of bases.of.values()) dataset.check(generation.cut);
    }
    return { datasets, bases, plan: planRun({ bases, cut, cutAt: cutAt ?? null, full, views, models, plans, datasets }) };
  };

  /** A view that had no table before had an empty one: it is compared from the log's origin on. */
  const drifts = async (
    before: (view: ViewDefinition) => TableBase | undefined | "pruned",
    after: Pick<Generation, "cut" | "tables">,
    datasets: ReadonlyMap<string, TopicDataset>,
    signal: AbortSignal,
  ): Promise<readonly ViewDrift[]> => {
    const found: ViewDrift[] = [];
    for (const view of views) {
      const refuse = (reason: string) => found.push({ view: view.name, status: "not-comparable", reason });
      const made = tableIn(after, { name: view.name, kind: "view", fingerprint: view.fingerprint });
      const base = before(view);
      const dataset = datasets.get(view.from.topic);
      if (store === undefined) refuse("there is no speed layer to compare with");
      else if (base === "pruned") refuse("the generation before was pruned");
      else if (made === undefined) refuse("the generation was built from another declaration of the view");
      else if (dataset === undefined) refuse(`the topic "${view.from.topic}" is not among the streams of this batch layer`);
      else {
        const none = { table: { ...made, versions: {} }, cut: EMPTY_CUT };
        found.push(
          await reconcileView({ files, engine, store, clock, view, dataset, before: base ? { table: base.table, cut: base.generation.cut } : none, after: { table: made, cut: after.cut } }, signal),
        );
      }
    }
    return found;
  };

  /** Models read the files' columns, so a column that was declared later is null in older segments: that is said. */
  const warnOfOlderStreams = (datasets: ReadonlyMap<string, TopicDataset>, cut: Cut): void => {
    const topics = new Set(modelOrder(models).flatMap((model) => Object.values(model.from).flatMap((input) => (input.from === "stream" ? [input.stream.topic] : []))));
    for (const plan of plans) {
      const { topic } = plan.stream;
      const fingerprint = streamFingerprint(plan);
      const older = topics.has(topic) ? (datasets.get(topic)?.below(cut) ?? []).filter((manifest) => manifest.streamFingerprint !== fingerprint).length : 0;
      if (older > 0) {
        const message = `${older} segments of "${topic}" were ingested by an earlier declaration of the stream: models see its columns as they were, and null for those that are new`;
        telemetry({ type: "Warning", code: "OLDER_STREAM", message });
      }
    }
  };

  const run = async (settings: RunSettings, signal: AbortSignal): Promise<Generation | Unchanged> => {
    const startedAt = clock.now();
    const startedMs = performance.now();
    const parent = await completeSwitch(files, signal);
    const { datasets, bases, plan } = await planned(settings, parent, signal);
    if (plan.unchanged) return { unchanged: true, current: parent };
    telemetry({ type: "RunStarted", parent: plan.parent, kind: plan.kind });
    warnOfOlderStreams(datasets, plan.cut);
    const number = (parent?.number ?? 0) + 1;
    const { id } = await startRunRecord(files, number, startedAt, signal);
    const progress = await trackProgress({ files, clock, plan, run: id, number, startedAt }, signal);
    const onStep = async (step: BuildStep) => {
      telemetry({ type: "RunStep", step: step.date === WHOLE ? step.table.name : `${step.table.name} ${step.date}`, done: step.done, total: step.total });
      await progress.step(step);
    };
    const built = await buildTables({ files, engine, plan, bases, views, models, plans, datasets, version: id, onStep }, signal);
    const tables = new Map(built.tables.map((table) => [table.name, table]));
    const checks: PassedCheck[] = [...built.checks];
    for (const model of modelOrder(models)) {
      const changed = new Set(built.changed.keys());
      const dates = built.changed.get(model.name) ?? new Set<string>();
      checks.push(...(await checkModel({ files, engine, model, table: tables.get(model.name)!, built: dates, tables, changed }, signal)));
    }
    const drift = await drifts(({ name }) => bases.of.get(name), { cut: plan.cut, tables: built.tables }, datasets, signal);
    const lists = drift.flatMap((each) => (each.status === "list" ? [each] : []));
    if (lists.length > 0) {
      throw new DriftError(lists.map(({ view, total, rows }) => ({ view, total, first: JSON.stringify(rows[0]) })));
    }
    // How far it was is told by what it publishes.
    await files.remove(`${RUNS_FOLDER}/${id}`, signal);
    const generation = await publish(
      files,
      {
        format: 1,
        number,
        parent: plan.parent,
        kind: plan.kind,
        contentOf: null,
        startedAt,
        publishedAt: clock.now(),
        cut: plan.cut,
        cutAt: plan.cutAt,
        tables: built.tables,
        drift,
        checks,
      },
      signal,
    );
    telemetry({
      type: "GenerationPublished",
      number,
      kind: generation.kind,
      dates: [...built.changed.values()].reduce((sum, dates) => sum + dates.size, 0),
      rows: generation.tables.reduce((sum, { versions }) => sum + Object.values(versions).reduce((rows, version) => rows + (version.version === id ? version.rows : 0), 0), 0),
      // What a machine took is real time, also where the clock is simulated.
      durationMs: performance.now() - startedMs,
      drift: drift.every(({ status }) => status === "none") ? "none" : "not-comparable",
    });
    return generation;
  };

  return {
    async plan(settings, signal) {
      return (await planned(settings, await readCurrent(files, signal), signal)).plan;
    },
    async run(settings, signal) {
      try {
        return await run(settings, signal);
      } catch (error) {
        if (!signal.aborted) telemetry({ type: "RunFailed", error });
        throw error;
      }
    },
    list: (signal) => listGenerations(files, signal),
    async rollback(number, signal) {
      const startedMs = performance.now();
      const generation = await rollback({ files, clock, store, views, number }, signal);
      telemetry({
        type: "GenerationPublished",
        number: generation.number,
        kind: "rollback",
        dates: 0,
        rows: 0,
        durationMs: performance.now() - startedMs,
        drift: "not-comparable",
      });
      return generation;
    },
    prune: (settings, signal) => prune(files, clock, settings, signal),
    async reconcile(signal) {
      const current = await readCurrent(files, signal);
      if (current === null) return [];
      const datasets = await openDatasets(signal);
      const { parent } = current;
      const kept = parent === null ? null : await findGeneration(files, parent, signal);
      // As the run that made it compared it: with what each table was built on.
      const bases = kept ? await findBases(files, kept, declared, signal) : undefined;
      const before = ({ name }: ViewDefinition) => (kept === undefined ? "pruned" : bases?.of.get(name));
      return drifts(before, current, datasets, signal);
    },
    async completeness(signal) {
      const datasets = await openDatasets(signal);
      return plans.map(({ stream }) => {
        const dataset = datasets.get(stream.topic)!;
        const manifests = dataset.below(newestCut(datasets));
        return completenessOf(stream.topic, manifests, stream.latenessMs);
      });
    },
  };
}
