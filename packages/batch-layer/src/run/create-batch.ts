import {
  EMPTY_CUT,
  erasesAsMuch,
  findGeneration,
  listGenerations,
  partitionName,
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
  type TableCatalog,
  type Telemetry,
  type ViewDefinition,
  type ViewDrift,
  type ViewStore,
} from "@millrace/core";
import { completenessOf, type Completeness } from "../master-dataset/completeness.js";
import { readAgain } from "../master-dataset/read-again.js";
import { TopicDataset, type UnreadSegment } from "../master-dataset/topic-dataset.js";
import { modelOrder } from "../models/model-order.js";
import { reconcileView } from "../reconcile/reconcile-view.js";
import { buildTables, type BuildStep } from "./build-tables.js";
import { catalogTables } from "./catalog-tables.js";
import { checkModel, type PassedCheck } from "./check-tables.js";
import { cutAtInstant, newestCut } from "./fix-cut.js";
import { prune, type Pruned, type PruneOptions } from "./prune.js";
import { completeSwitch, publish, type Publication } from "./publish.js";
import { rollback } from "./rollback.js";
import { laterCut } from "./later-cut.js";
import { DriftError, RunOptionError } from "./run-errors.js";
import { declaredTables, planRun, sameCuts, WHOLE, type RunPlan } from "./run-plan.js";
import { startRunRecord, type RunRecord } from "./run-record.js";
import { findBases, type TableBase } from "./table-bases.js";
import { trackProgress, type RunTracker } from "./track-progress.js";

/** What `createBatch` works with: ports, and the declarations that it builds tables of. */
export interface BatchOptions {
  readonly log: EventLog;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  /** Where SQL users see what is published. Its SQL types are the engine's. */
  readonly catalog?: TableCatalog;
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

/** How one run differs from an ordinary one. */
export interface RunSettings {
  /** Rebuild every date. */
  readonly full?: boolean;
  /** Cut before the first record with `appendedAt >=` this instant, epoch ms: a multiple of the grid's time. */
  readonly cutAt?: number;
  /** Where the current generation reaches further than this run would cut, its cut stays. */
  readonly forwardOnly?: boolean;
  /** How long to wait until every partition is sealed or quiet that far, ms. Default 10 minutes. */
  readonly deadlineMs?: number;
  /** Lets a changed declaration of a stream make dead letters of what were events; without it the run fails then. */
  readonly acceptDeadLetters?: boolean;
}

/** Nothing changed since the current generation; null when there is nothing to publish yet. */
export interface Unchanged {
  readonly unchanged: true;
  readonly current: Generation | null;
}

/** Plans, builds and publishes generations. */
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
  /** Removes old generations, and the versions of tables that no remaining one uses. The current one always stays. */
  prune(options: PruneOptions, signal: AbortSignal): Promise<Pruned>;
  /** Compares the current generation with its parent and the speed layer's rows between their cuts. */
  reconcile(signal: AbortSignal): Promise<readonly ViewDrift[]>;
  /** What the manifests say about each topic. */
  completeness(signal: AbortSignal): Promise<readonly Completeness[]>;
}

const DEFAULT_DEADLINE_MS = 600_000;

/** The batch layer over the ports of a platform. Nothing is read before the first call. */
export function createBatch(options: BatchOptions): Batch {
  const { log, files, engine, catalog, store, clock, views, models, plans, telemetry = silent } = options;
  const publication: Publication = { files, ...(catalog === undefined ? {} : { catalog, tablesOf: (generation) => catalogTables(generation, views, models, engine.dialect) }) };

  const openDatasets = async (signal: AbortSignal): Promise<ReadonlyMap<string, TopicDataset>> => {
    const datasets = new Map(plans.map((plan) => [plan.stream.topic, new TopicDataset(files, plan)]));
    for (const dataset of datasets.values()) await dataset.refresh(signal);
    return datasets;
  };

  const declared = declaredTables(views, models);

  /** Topics that tables are made from. */
  const used = new Set([
    ...views.map(({ from }) => from.topic),
    ...modelOrder(models).flatMap((model) => Object.values(model.from).flatMap((input) => (input.from === "stream" ? [input.stream.topic] : []))),
  ]);

  /** The cut, what can be built on, and what must be read again before. */
  const prepare = async ({ cutAt, forwardOnly = false, deadlineMs = DEFAULT_DEADLINE_MS }: RunSettings, parent: Generation | null, signal: AbortSignal) => {
    const deadline = clock.now() + deadlineMs;
    const bases = await findBases(files, parent, declared, signal);
    // After the parent was read: its erasures are among those read here.
    const datasets = await openDatasets(signal);
    const asked = cutAt === undefined ? newestCut(datasets) : await cutAtInstant({ log, files, clock, datasets, cutAt, deadline }, signal);
    const cut = forwardOnly && parent !== null ? laterCut(asked, parent.cut) : asked;
    for (const dataset of datasets.values()) {
      dataset.check(cut);
      // Manifests that tables were built from must be there still.
      for (const { generation } of bases.of.values()) dataset.check(generation.cut);
      const beyond = dataset.erasedBeyond(cut);
      if (beyond !== undefined) {
        throw new RunOptionError(
          cutAt === undefined ? "fixing the cut" : `cutting at ${new Date(cutAt).toISOString()}`,
          `the record at ${beyond.offset} of "${partitionName(beyond)}" was erased, and the speed layer may hold it above this cut`,
        );
      }
    }
    return { datasets, bases, cut, cutAt: cutAt !== undefined && sameCuts(cut, asked) ? cutAt : null };
  };

  const unreadOf = (datasets: ReadonlyMap<string, TopicDataset>, cut: Cut) =>
    new Map([...datasets].map(([topic, dataset]) => [topic, dataset.unread(cut).filter(({ erased }) => used.has(topic) || erased.length > 0)]));

  const planOf = ({ full = false }: { readonly full?: boolean }, { datasets, bases, cut, cutAt }: Awaited<ReturnType<typeof prepare>>) =>
    planRun({ bases, cut, cutAt, full, views, models, datasets, unread: unreadOf(datasets, cut) });

  /** A view that had no table before had an empty one: it is compared from the log's origin on. */
  const drifts = async (
    before: (view: ViewDefinition) => TableBase | undefined | "pruned",
    after: Pick<Generation, "cut" | "tables" | "erasures">,
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
      else if (!erasesAsMuch(base?.generation ?? {}, after, view.from.topic)) refuse("records were erased that the generation before has");
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

  /** Reads segments again by the present declaration of their stream, and without what was erased. */
  const readSegments = async (unread: ReadonlyMap<string, readonly UnreadSegment[]>, datasets: ReadonlyMap<string, TopicDataset>, { acceptDeadLetters = false }: RunSettings, onRead: () => Promise<void>, signal: AbortSignal) => {
    const total = [...unread.values()].reduce((sum, segments) => sum + segments.length, 0);
    let done = 0;
    for (const [topic, segments] of unread) {
      const plan = plans.find(({ stream }) => stream.topic === topic)!;
      const sum = { nowEvents: 0, nowDeadLetters: 0 };
      for (const segment of segments) {
        const { path, manifest, changes } = await readAgain({ files, engine, plan, segment, acceptDeadLetters }, signal);
        datasets.get(topic)!.add(path, manifest);
        sum.nowEvents += changes.nowEvents;
        sum.nowDeadLetters += changes.nowDeadLetters;
        telemetry({ type: "RunStep", step: `segment ${manifest.first} of ${partitionName(manifest)} read again`, done: ++done, total });
        await onRead();
      }
      if (sum.nowEvents + sum.nowDeadLetters > 0) {
        const message = `read again by its present declaration, ${sum.nowEvents} dead letters of "${topic}" are events and ${sum.nowDeadLetters} events are dead letters`;
        telemetry({ type: "Warning", code: "STREAM_CHANGED", message });
      }
    }
  };

  const run = async (settings: RunSettings, signal: AbortSignal): Promise<Generation | Unchanged> => {
    const startedAt = clock.now();
    const startedMs = performance.now();
    const parent = await completeSwitch(publication, signal);
    const prepared = await prepare(settings, parent, signal);
    const { datasets, bases } = prepared;
    const number = (parent?.number ?? 0) + 1;
    let record: RunRecord | undefined;
    let progress: RunTracker | undefined;
    const begin = async (plan: RunPlan, unread: number): Promise<RunTracker> => {
      telemetry({ type: "RunStarted", parent: plan.parent, kind: plan.kind });
      record = await startRunRecord(files, number, startedAt, signal);
      return trackProgress({ files, clock, run: record.id, number, startedAt, plan, unread }, signal);
    };
    const unread = unreadOf(datasets, prepared.cut);
    const segments = [...unread.values()].reduce((sum, each) => sum + each.length, 0);
    if (segments > 0) {
      const tracker = (progress = await begin(planOf(settings, prepared), segments));
      await readSegments(unread, datasets, settings, () => tracker.read(), signal);
    }
    const plan = planOf(settings, prepared);
    if (plan.unchanged) {
      await progress?.end();
      return { unchanged: true, current: parent };
    }
    if (progress === undefined) progress = await begin(plan, 0);
    else await progress.planned(plan);
    const { id } = record!;
    const tracker = progress;
    const onStep = async (step: BuildStep) => {
      telemetry({ type: "RunStep", step: step.date === WHOLE ? step.table.name : `${step.table.name} ${step.date}`, done: step.done, total: step.total });
      await tracker.step(step);
    };
    const built = await buildTables({ files, engine, plan, bases, views, models, plans, datasets, version: id, onStep }, signal);
    const tables = new Map(built.tables.map((table) => [table.name, table]));
    const checks: PassedCheck[] = [...built.checks];
    for (const model of modelOrder(models)) {
      const changed = new Set(built.changed.keys());
      const dates = built.changed.get(model.name) ?? new Set<string>();
      checks.push(...(await checkModel({ files, engine, model, table: tables.get(model.name)!, built: dates, tables, changed }, signal)));
    }
    const drift = await drifts(({ name }) => bases.of.get(name), { cut: plan.cut, tables: built.tables, ...erasuresOf(datasets, parent) }, datasets, signal);
    const lists = drift.flatMap((each) => (each.status === "list" ? [each] : []));
    if (lists.length > 0) {
      throw new DriftError(lists.map(({ view, total, rows }) => ({ view, total, first: JSON.stringify(rows[0]) })));
    }
    // How far it was is told by what it publishes.
    await tracker.end();
    const generation = await publish(
      publication,
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
        ...erasuresOf(datasets, parent),
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
      return planOf(settings, await prepare(settings, await readCurrent(files, signal), signal));
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
      const generation = await rollback({ publication, clock, store, views, number }, signal);
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
    prune: (settings, signal) => prune(publication, clock, settings, signal),
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

/** How many erasures of each topic a run has applied: of topics that it does not read, as many as its parent. */
function erasuresOf(datasets: ReadonlyMap<string, TopicDataset>, parent: Generation | null): Pick<Generation, "erasures"> {
  const applied: Record<string, number> = { ...parent?.erasures };
  for (const [topic, { erasures }] of datasets) if (erasures.length > 0) applied[topic] = erasures.length;
  return Object.keys(applied).length === 0 ? {} : { erasures: applied };
}
