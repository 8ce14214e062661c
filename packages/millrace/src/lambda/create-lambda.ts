import { hostname } from "node:os";
import { createBatch, createEraser, createIngest, modelOrder, type Batch, type Ingest, type RunSettings } from "@millrace/batch-layer";
import { ConfigurationError, DEFAULT_GRID, fingerprintOf, planStreams, RoleTakenError, systemClock, type AnyView, type Grid, type Role, type ViewDefinition } from "@millrace/core";
import { createQuestions, createServing, readTable, type Ask, type GivenParameters, type Queries, type Questions, type Serving } from "@millrace/serving-layer";
import { createSpeedLayer, type SpeedLayer } from "@millrace/speed-layer";
import { AwaitedRole } from "./awaited-role.js";
import { createMissingTopics } from "./create-missing-topics.js";
import { serveLambda, type LambdaServer, type ServeOptions } from "../serve/serve-lambda.js";
import { describeLambda } from "./describe.js";
import { findProblems } from "./find-problems.js";
import type { LambdaDefinition } from "./lambda-definition.js";
import type { JobOptions, Lambda, RunOptions } from "./lambda.js";
import { runTogether } from "./run-together.js";
import { sweepStore } from "./sweep-store.js";
import { TelemetryHub } from "./telemetry-hub.js";
import { withRole } from "./with-role.js";
import { mergedViews } from "../presto/merged-views.js";
import { withMergedViews } from "../presto/with-merged-views.js";

const never = () => new AbortController().signal;

/**
 * Assembles the three layers from one declaration. Mistakes are reported all at once, each with its path, and nothing is
 * opened before it is first used.
 *
 * @throws {ConfigurationError} naming every problem of the declaration.
 *
 * @example
 * export default createLambda({ views: [songChart], platform: embedded("./data") });
 */
export function createLambda<const Vs extends AnyView>(definition: LambdaDefinition<Vs>): Lambda<Vs> {
  const problems = findProblems(definition);
  if (problems.length > 0) throw new ConfigurationError("creating a lambda", problems);

  const { platform } = definition;
  const { log, store, files, engine, clock, timers = systemClock() } = platform;
  const grid: Grid = { ...DEFAULT_GRID, ...definition.grid };
  const settings = {
    grid,
    sealGuardMs: definition.sealGuardMs ?? 60_000,
    speedRetentionMs: definition.speedRetentionMs ?? 7 * 86_400_000,
    batchEveryMs: definition.batchEveryMs ?? grid.segmentMs ?? 15 * 60_000,
  };
  const views: readonly ViewDefinition[] = definition.views.map((view) => view.definition);
  const models = (definition.models ?? []).map((model) => model.definition);
  const questions = definition.questions ?? [];
  const outputs = definition.outputs ?? [];
  const streams = [
    ...(definition.streams ?? []).map((stream) => stream.definition),
    ...outputs.map((output) => output.stream),
    ...modelOrder(models).flatMap((model) => Object.values(model.from)).flatMap((input) => (input.from === "stream" ? [input.stream] : [])),
  ];
  const plans = planStreams(views, streams);
  const definitions = { views, models, questions: questions.map((question) => question.definition), outputs, plans, ...(definition.dashboard === undefined ? {} : { dashboard: definition.dashboard }) };
  const hub = new TelemetryHub();
  if (definition.telemetry) hub.subscribe(definition.telemetry);
  const telemetry = hub.emit;
  const { catalog, mergedViews: server } = platform;
  const notReplaced = (error: unknown) =>
    telemetry({ type: "Warning", code: "MERGED_VIEWS_NOT_REPLACED", message: `the merged views on "${server!.engine.name}" say what they said before this generation; the next run replaces them, or: millrace ddl --engine ${server!.engine.name} --apply: ${String(error instanceof Error ? error.message : error)}` });
  const shown = catalog === undefined ? {} : { catalog: server === undefined ? catalog : withMergedViews(catalog, mergedViews({ platform, server, views }), notReplaced) };

  let speed: SpeedLayer | undefined;
  let ingest: Ingest | undefined;
  let batch: Batch | undefined;
  let serving: Serving<Vs> | undefined;
  let asking: Questions | undefined;
  const servers = new Set<LambdaServer>();
  const layers = {
    speed: () =>
      (speed ??= createSpeedLayer({
        log, store, files, clock, views, outputs, plans, grid, telemetry,
        speedRetentionMs: settings.speedRetentionMs,
        workerId: platform.workers === undefined ? `${process.pid}` : `${hostname()}-${process.pid}`,
        ...(platform.workers === undefined ? {} : { share: { workers: platform.workers, views: `millrace-${speedRole}`, outputs: "millrace-outputs" } }),
        timers,
        mayDeliver: (signal) => mayDeliver(signal),
        ...(definition.flushMinMs === undefined ? {} : { flushMinMs: definition.flushMinMs }),
        ...(definition.maxInFlight === undefined ? {} : { maxInFlight: definition.maxInFlight }),
      })),
    ingest: () =>
      (ingest ??= createIngest({
        log, files, clock, plans, grid, telemetry,
        sealGuardMs: settings.sealGuardMs,
        ...(definition.keepRaw === undefined ? {} : { keepRaw: definition.keepRaw }),
      })),
    batch: () => (batch ??= createBatch({ log, files, engine, ...shown, store, clock, views, models, plans, grid, telemetry })),
    serving: () => (serving ??= createServing({ log, store, files, engine, clock, views: definition.views, grid, telemetry })),
    questions: () => (asking ??= createQuestions({ questions, serving: layers.serving(), log, files, engine, clock })),
  };
  const serve = async (options: ServeOptions = {}) => {
    const server = await serveLambda({ definitions, platform, serving: layers.serving(), questions: layers.questions(), speed: () => speed, observe: (subscriber) => hub.subscribe(subscriber) }, options);
    servers.add(server);
    void server.closed.finally(() => servers.delete(server)).catch(() => {});
    return server;
  };

  let topicsReady: Promise<void> | undefined;
  const prepareTopics = (signal: AbortSignal) =>
    (topicsReady ??= createMissingTopics(platform, plans.map(({ stream }) => stream.topic), signal).catch((error: unknown) => {
      topicsReady = undefined;
      throw error;
    }));

  // Beside one of other declarations a speed layer may run, but never one of the same.
  const speedRole: Role = `speed-${fingerprintOf(views.map(({ fingerprint }) => fingerprint).sort()).slice(0, 8)}`;
  const delivery = new AwaitedRole(platform, "outputs", timers, telemetry);
  let mayDeliver = (_signal: AbortSignal): Promise<void> => Promise.resolve();
  // Who shares partitions is not kept out.
  const { workers } = platform;
  const runSpeed = (signal: AbortSignal) => withRole(workers === undefined ? platform : {}, speedRole, async () => {
      mayDeliver = (abort) => (workers === undefined ? delivery.acquire(abort) : Promise.resolve());
      try {
        // Whoever is stopped while it starts has stopped, too.
        const work = async (stop: AbortSignal) => {
          await prepareTopics(stop);
          await layers.speed().run(stop);
        };
        await runTogether([work, (stop) => sweepStore(platform, stop)], signal);
      } finally {
        await delivery.release();
      }
    });
  const runIngest = (signal: AbortSignal) => withRole(platform, "ingest", () => {
      const work = async (stop: AbortSignal) => {
        await prepareTopics(stop);
        await layers.ingest().run(stop);
      };
      return runTogether([work], signal);
    });
  const runSettings = ({ full, cutAt, forwardOnly, acceptDeadLetters }: RunOptions): RunSettings => ({
    ...(full === undefined ? {} : { full }),
    ...(cutAt === undefined ? {} : { cutAt: cutAt.getTime() }),
    ...(forwardOnly === undefined ? {} : { forwardOnly }),
    ...(acceptDeadLetters === undefined ? {} : { acceptDeadLetters }),
  });
  const runBatch = (options: RunOptions = {}) => withRole(platform, "batch", () => layers.batch().run(runSettings(options), options.signal ?? never()));
  const eraser = () =>
    createEraser({ log, files, engine, ...shown, clock, plans, outputs, speedRetentionMs: settings.speedRetentionMs, run: (signal) => layers.batch().run({}, signal) });
  const runBatchRepeatedly = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      // A failed run leaves the generation before it served, and the next may succeed: the layers go on.
      try {
        await runBatch({ signal });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RoleTakenError) telemetry({ type: "RunFailed", error });
      }
      await timers.sleep(settings.batchEveryMs, signal);
    }
  };

  let closed: Promise<void> | undefined;
  const close = () =>
    (closed ??= (async () => {
      await Promise.all([...servers].map((server) => server.close()));
      await serving?.close();
      await Promise.all([...outputs.map(({ sink }) => sink.close()), engine.close(), platform.mergedViews?.engine.close(), platform.workers?.close(), store.close(), log.close(), files.close()]);
    })());

  return {
    views: definition.views,
    definitions,
    platform,
    layers,
    append: async (stream, values, { signal = never() }: JobOptions = {}) => {
      await prepareTopics(signal);
      const topic = typeof stream === "string" ? stream : stream.topic;
      return log.append(topic, values.map((value) => ({ value: typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value) })), signal);
    },
    caughtUp: ({ signal = never() }: JobOptions = {}) => layers.speed().caughtUp(signal),
    dev: ({ signal = never() }: JobOptions = {}) => runTogether([runSpeed, runIngest, runBatchRepeatedly], signal),
    ingest: ({ signal = never() }: JobOptions = {}) => runIngest(signal),
    speed: ({ signal = never() }: JobOptions = {}) => runSpeed(signal),
    batch: {
      plan: (options: RunOptions = {}) => layers.batch().plan(runSettings(options), options.signal ?? never()),
      run: runBatch,
      list: ({ signal = never() }: JobOptions = {}) => layers.batch().list(signal),
      rollback: (generation, { signal = never() }: JobOptions = {}) => withRole(platform, "batch", () => layers.batch().rollback(generation, signal)),
      prune: ({ keep, signal = never() }) => withRole(platform, "batch", () => layers.batch().prune({ keep }, signal)),
    },
    erase: {
      run: ({ signal = never(), ...request }) => withRole(platform, "batch", () => eraser().erase(request, signal)),
      remains: ({ signal = never() }: JobOptions = {}) => eraser().remains(signal),
      // Whoever has the role is the only one who runs the batch layer.
      prune: ({ signal = never(), graceMs } = {}) =>
        withRole(platform, "batch", () => eraser().prune({ alone: platform.roles !== undefined, ...(graceMs === undefined ? {} : { graceMs }) }, signal)),
    },
    reconcile: ({ signal = never() }: JobOptions = {}) => layers.batch().reconcile(signal),
    query: ((...parameters: Parameters<Queries<Vs>["query"]>) => layers.serving().query(...parameters)) as Queries<Vs>["query"],
    watch: ((...parameters: Parameters<Queries<Vs>["watch"]>) => layers.serving().watch(...parameters)) as Queries<Vs>["watch"],
    serve,
    table: (model, { signal = never(), ...range } = {}) => readTable({ files, engine }, model, range, signal),
    ask: (async (question: string | { readonly name: string }, parameters: GivenParameters, { signal = never() }: JobOptions = {}) =>
      layers.questions().ask(typeof question === "string" ? question : question.name, parameters, signal)) as Ask,
    describe: () => describeLambda(settings, platform, definitions),
    observe: (subscriber) => hub.subscribe(subscriber),
    close,
    [Symbol.asyncDispose]: close,
  };
}
