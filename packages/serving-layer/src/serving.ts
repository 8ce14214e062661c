import {
  ClosedError,
  partitionName,
  ServedGenerations,
  silent,
  type AnyView,
  type Clock,
  type EventLog,
  type FileSystem,
  type Grid,
  type SqlEngine,
  type Telemetry,
  type ViewDefinition,
  type ViewStore,
} from "@millrace/core";
import type { Observable } from "rxjs";
import { BatchCache } from "./batch/batch-cache.js";
import { readBatch, tableOf } from "./batch/read-batch.js";
import type { Coverage } from "./chain/coverage.js";
import { GridRecords } from "./chain/grid-records.js";
import { ManifestWatermarks } from "./chain/manifest-watermarks.js";
import { readCoverage } from "./chain/read-coverage.js";
import { envelopeOf } from "./envelope.js";
import type { GroupTable } from "./merge/group-table.js";
import { mergeLayers } from "./merge/merge-layers.js";
import { windowStarts } from "./planner/plan-windows.js";
import { planKey } from "./planner/plan-key.js";
import { planQuery } from "./planner/plan-query.js";
import { QueryError } from "./planner/query-error.js";
import type { QueryPlan } from "./planner/query-plan.js";
import { RowLimitError } from "./planner/row-limit-error.js";
import type { Answer, Envelope } from "./query/answer.js";
import type { AnyQuery, Queries } from "./query/query.js";
import { BoundedCache } from "./sharing/bounded-cache.js";
import { NextCall } from "./sharing/next-call.js";
import { readSpeed } from "./speed/read-speed.js";
import { progressOf, watchAnswers } from "./watch-answers.js";

/** What `createServing` works with. */
export interface ServingOptions<Vs extends AnyView> {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly files: FileSystem;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly views: readonly Vs[];
  /** The grid of the other layers: a partition that was cut on another one is refused. Default: not compared. */
  readonly grid?: Grid;
  /** Rows of one answer, at most. Default 100,000. */
  readonly maxRows?: number;
  /** Groups that one query may bring into memory to order and limit them. Default 250,000. */
  readonly maxGroups?: number;
  /**
   * Values (numbers, texts, sketches) of batch results kept for the next query, and half as many of merged sealed segments.
   * Default 1,000,000.
   */
  readonly cacheValues?: number;
  /** How often `watch` looks for progress, ms of the clock. Default 500. */
  readonly pollMs?: number;
  /** Told when answers of a view start to lack records, and when the ranges that they lack change. */
  readonly telemetry?: Telemetry;
}

/** A checked query, ready to be asked any number of times. */
export interface PreparedQuery {
  readonly view: ViewDefinition;
  /** Equal for queries that ask the same. */
  readonly key: string;
  /**
   * Looks at the generation and the chain now. Looks at one view that are asked for while one is under way share the next.
   *
   * @throws {UnservableError} when the exact answer cannot be given.
   */
  look(signal: AbortSignal): Promise<Look>;
}

/** What an answer would be made of at one moment. */
export interface Look {
  /** Equal for looks whose answers have equal rows: whoever kept an answer may give it again with this look's envelope. */
  readonly state: string;
  /** Of an answer from this look, unless rows are found to be missing while it is made. */
  readonly envelope: Envelope;
  /** @throws {UnservableError} @throws {RowLimitError} */
  answer(signal: AbortSignal): Promise<Answer<Record<string, unknown>>>;
}

export interface Serving<Vs extends AnyView> extends Queries<Vs> {
  /**
   * Checks a query whose view and shape nothing is known of, for those who keep answers.
   *
   * @throws {QueryError} naming every mistake.
   */
  prepare(view: string, query: AnyQuery): PreparedQuery;
  /** What can be answered of a view now: the chain of every partition, and whatever is missing. It refuses nothing. */
  coverage(view: string, signal: AbortSignal): Promise<Coverage>;
  /** Ends what is being answered and every watch. The ports stay open: they are the caller's. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Answers queries from the current generation and the speed layer's segments above its cut, merged exactly. Every answer
 * is made from one look at the pointer and the chain. Memory: what the options bound, and the rows of the answer.
 */
export function createServing<const Vs extends AnyView>(options: ServingOptions<Vs>): Serving<Vs> {
  const { log, store, files, engine, clock, maxRows = 100_000, pollMs = 500, telemetry = silent } = options;
  const maxGroups = Math.max(options.maxGroups ?? 250_000, maxRows);
  const views = new Map<string, ViewDefinition>(options.views.map((view) => [view.name, view.definition]));
  const closing = new AbortController();
  /** Of the queries being answered. */
  const running = new Set<AbortController>();
  const sources = {
    log, store, files, clock,
    gridRecords: new GridRecords(files, options.grid),
    watermarks: new ManifestWatermarks(files),
    generations: new ServedGenerations(files),
  };
  const { cacheValues = 1_000_000 } = options;
  const cache = new BatchCache(cacheValues);
  const sealed = new BoundedCache<GroupTable>(cacheValues / 2, (table, key) => table.size + key.length / 8);

  const told = new Map<string, string>();
  const tell = (view: string, { missing = [] }: Envelope) => {
    const text = missing.map(({ reason, ...range }) => `${reason} at ${partitionName(range)} from ${range.from}`).join(", ");
    if (text !== "" && text !== told.get(view)) telemetry({ type: "Warning", code: "INCOMPLETE_ANSWER", message: `answers from view "${view}" lack records: ${text}` });
    told.set(view, text);
  };

  const definitionOf = (name: string): ViewDefinition => {
    const definition = views.get(name);
    if (definition === undefined) {
      throw new QueryError(name, [{ path: "view", message: `it is not served; there is ${[...views.keys()].map((known) => `"${known}"`).join(", ") || "none"}` }]);
    }
    return definition;
  };
  const plan = (view: string | { readonly name: string }, query: AnyQuery): QueryPlan => planQuery(definitionOf(typeof view === "string" ? view : view.name), query);

  const looks = new Map<string, NextCall<Coverage>>();
  const lookAt = (view: ViewDefinition, allowIncomplete: boolean, signal: AbortSignal): Promise<Coverage> => {
    const key = `${view.name} ${allowIncomplete}`;
    let next = looks.get(key);
    if (next === undefined) looks.set(key, (next = new NextCall((own) => readCoverage(sources, view, allowIncomplete, own))));
    return next.ask(signal);
  };
  const look = (planned: QueryPlan, signal: AbortSignal) => lookAt(planned.view, planned.allowIncomplete, signal);

  const answer = async (planned: QueryPlan, coverage: Coverage, signal: AbortSignal): Promise<Answer<Record<string, unknown>>> => {
    const windows = planned.fill ? windowStarts(planned, maxRows) : undefined;
    if (planned.fill && windows === undefined) throw new RowLimitError(planned.view.name, "rows", maxRows);
    const speed = await readSpeed({ store, clock, maxGroups, sealed }, planned, coverage, signal);
    const table = tableOf(planned.view, coverage.generation);
    const batch = await readBatch({ engine, files, cache, maxGroups }, planned, table, speed.groups, maxRows, signal);
    const rows = mergeLayers({ plan: planned, batch, speed: speed.groups, windows, maxRows });
    const envelope = envelopeOf(planned, coverage, speed.missing, clock);
    tell(planned.view.name, envelope);
    return { rows, envelope };
  };

  /** Runs `job` until it ends, its caller aborts or everything closes. */
  const untilClosed = async <T>(signal: AbortSignal | undefined, job: (own: AbortSignal) => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new ClosedError("serving", "asking");
    signal?.throwIfAborted();
    // Not `AbortSignal.any`: its signals stay with a source that lives as long as the process.
    const own = new AbortController();
    const abort = () => own.abort(signal?.reason);
    running.add(own);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await job(own.signal);
    } finally {
      running.delete(own);
      signal?.removeEventListener("abort", abort);
    }
  };

  const query = async (view: string | { readonly name: string }, asked: AnyQuery, signal?: AbortSignal) => {
    const planned = plan(view, asked);
    return untilClosed(signal, async (own) => answer(planned, await look(planned, own), own));
  };

  const prepare = (view: string, asked: AnyQuery): PreparedQuery => {
    const planned = plan(view, asked);
    return {
      view: planned.view,
      key: planKey(planned),
      look: (signal) =>
        untilClosed(signal, async (own) => {
          const coverage = await look(planned, own);
          return {
            state: progressOf(coverage),
            envelope: envelopeOf(planned, coverage, [], clock),
            answer: (answering) => untilClosed(answering, (inner) => answer(planned, coverage, inner)),
          };
        }),
    };
  };

  const watch = (view: string | { readonly name: string }, asked: AnyQuery): Observable<Answer<Record<string, unknown>>> =>
    watchAnswers({ plan: () => plan(view, asked), look, answer, clock, pollMs, closing: closing.signal });

  return {
    // What a query is typed as is what its checked plan answers; the types cannot follow the planner.
    query: query as unknown as Queries<Vs>["query"],
    watch: watch as unknown as Queries<Vs>["watch"],
    prepare,
    coverage: async (view, signal) => {
      const definition = definitionOf(view);
      return untilClosed(signal, (own) => lookAt(definition, true, own));
    },
    close: () => {
      if (closing.signal.aborted) return Promise.resolve();
      const reason = new ClosedError("serving", "asking");
      closing.abort(reason);
      for (const query of running) query.abort(reason);
      return Promise.resolve();
    },
  };
}
