import type { AnyView, Appended, Columns, Generation, Model, ModelDefinition, Output, Platform, QuestionDefinition, Row, Stream, StreamPlan, Telemetry, ViewDefinition } from "@millrace/core";
import type { Batch, EraseReport, EraseRequest, ErasureRemains, Ingest, PrunedErased } from "@millrace/batch-layer";
import type { Ask, Dashboard, Queries, Questions, Serving, TableRange } from "@millrace/serving-layer";
import type { SpeedLayer } from "@millrace/speed-layer";
import type { LambdaServer, ServeOptions } from "../serve/serve-lambda.js";
import type { Description } from "./describe.js";

/** What every job takes. */
export interface JobOptions {
  /** Stops the job cleanly: what was begun is finished or left as if it had not begun. */
  readonly signal?: AbortSignal;
}

/** How one batch run differs from an ordinary one. */
export interface RunOptions extends JobOptions {
  /** Rebuild every date. */
  readonly full?: boolean;
  /** Cut before the first record with `appendedAt >=` this instant. */
  readonly cutAt?: Date;
  /** Where the current generation reaches further than this run would cut, its cut stays. */
  readonly forwardOnly?: boolean;
  /** Lets a changed declaration of a stream make dead letters of what were events; without it the run fails then. */
  readonly acceptDeadLetters?: boolean;
}

/** The batch layer of a lambda, as the commands call it. */
export interface BatchCommands {
  /** What a run would build and why; publishes nothing. */
  readonly plan: (options?: RunOptions) => ReturnType<Batch["plan"]>;
  /** Builds, checks, reconciles with the speed layer and publishes a generation. */
  readonly run: (options?: RunOptions) => ReturnType<Batch["run"]>;
  /** Every generation that is kept, oldest first. */
  readonly list: (options?: JobOptions) => Promise<readonly Generation[]>;
  /** Publishes an old generation's content as a new one. */
  readonly rollback: (generation: number, options?: JobOptions) => Promise<Generation>;
  /** Removes all but the newest generations, and the versions of tables that nothing kept uses. */
  readonly prune: (options: JobOptions & { readonly keep: number }) => ReturnType<Batch["prune"]>;
}

/** Erasing records: the right to be forgotten. */
export interface EraseCommands {
  /** Erases the records that match and are sealed: no answer and no file made from then on has them. */
  readonly run: (request: EraseRequest & JobOptions) => Promise<EraseReport>;
  /** What still holds erased records. */
  readonly remains: (options?: JobOptions) => Promise<readonly ErasureRemains[]>;
  /** Removes generations, one `graceMs` (default one hour) after they were replaced, and files that still hold erased records. */
  readonly prune: (options?: JobOptions & { readonly graceMs?: number }) => Promise<PrunedErased>;
}

/** One lambda: its three layers over one platform. Nothing is opened before it is used. */
export interface Lambda<Vs extends AnyView> extends Queries<Vs>, AsyncDisposable {
  readonly views: readonly Vs[];
  /** What was declared, resolved. */
  readonly definitions: {
    readonly views: readonly ViewDefinition[];
    readonly models: readonly ModelDefinition[];
    readonly questions: readonly QuestionDefinition[];
    readonly outputs: readonly Output[];
    readonly plans: readonly StreamPlan[];
    readonly dashboard?: Dashboard;
  };
  readonly platform: Platform;
  /**
   * Appends values to a stream's topic as JSON, one record each, and resolves with their coordinates once they are
   * durable. Text and bytes are appended as they are.
   */
  append(stream: Stream<Columns> | string, values: readonly unknown[], options?: JobOptions): Promise<readonly Appended[]>;
  /** Resolves once the speed layer of this process has made durable all that the log held when this was called. */
  caughtUp(options?: JobOptions): Promise<void>;
  /** Speed, ingest and scheduled batch runs in this process, until the signal aborts or one of them fails. */
  dev(options?: JobOptions): Promise<void>;
  /** Master dataset: seals segments into Parquet until the signal aborts. */
  ingest(options?: JobOptions): Promise<void>;
  /** Keeps the views fresh until the signal aborts. */
  speed(options?: JobOptions): Promise<void>;
  readonly batch: BatchCommands;
  readonly erase: EraseCommands;
  /** Compares the current generation with the speed layer without publishing. */
  reconcile(options?: JobOptions): ReturnType<Batch["reconcile"]>;
  /**
   * The rows of a model's table in the current generation, one by one; of a table by date, those of the event dates
   * (`YYYY-MM-DD`) in `[from, until)`.
   *
   * @throws {TableNotBuiltError} when the current generation does not have it as it is declared here.
   */
  table<C extends Columns>(model: Model<string, C>, options?: TableRange & JobOptions): AsyncIterable<Row<C>>;
  /**
   * Answers a question: one over views exactly, with all that the log holds; one over models as of the cut of the current
   * generation, which its envelope names.
   *
   * @throws {QuestionError} naming every mistake of the parameters.
   * @throws {UnservableError} when the exact answer cannot be given.
   * @throws {TableNotBuiltError} when the current generation lacks a table that it reads.
   */
  readonly ask: Ask;
  /** The resolved configuration, as plain JSON with the fingerprints of views and models. Ports show their names only. */
  describe(): Description;
  /**
   * Serves views, trust and metrics over HTTP, and resolves once it listens: on 127.0.0.1 unless told otherwise. It only
   * reads, so any number of processes may serve one platform.
   *
   * @throws {ConfigurationError} when an option is wrong, also a host that other machines reach without a token.
   */
  serve(options?: ServeOptions): Promise<LambdaServer>;
  /** The layers themselves, for callers that drive them step by step. */
  readonly layers: { readonly speed: () => SpeedLayer; readonly ingest: () => Ingest; readonly batch: () => Batch; readonly serving: () => Serving<Vs>; readonly questions: () => Questions };
  /** Takes telemetry until the returned function is called. */
  observe(telemetry: Telemetry): () => void;
  /** Closes every port, and the sinks of the outputs. Safe to call twice. */
  close(): Promise<void>;
}
