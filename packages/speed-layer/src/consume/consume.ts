import type { Observable } from "rxjs";
import { ConfigurationError, planStreams, silent, systemClock } from "@millrace/core";
import type { AnyView, Clock, ColumnBatch, Columns, EventLog, PartitionDescription, Row, Stream, StreamPlan, Telemetry } from "@millrace/core";
import { resolveDelivery } from "../delivery/delivery-options.js";
import { LEAST_IN_FLIGHT, consumePlan } from "./consume-plan.js";
import type { ConsumePlanOptions } from "./consume-plan.js";
import type { Progress } from "./progress.js";

/** Default of `maxInFlight`. */
export const DEFAULT_MAX_IN_FLIGHT = 50_000;

/** What is read, and how far ahead. */
export interface ConsumeOptions {
  /** Records of one partition that are read and not released, at most. Default 50,000; at least 2,000. */
  readonly maxInFlight?: number;
  /** First offset to read of a partition. Default: its first record still there. Groups of `writeTo` begin here. */
  readonly from?: (partition: PartitionDescription) => number | Promise<number>;
  /** Views whose sketches decoding must compute, for `foldViews` and windows. */
  readonly views?: readonly AnyView[];
  /** How often new partitions are looked for, ms. Default 1,000. */
  readonly refreshMs?: number;
  /** What `refreshMs` is measured by. Default: the system's. */
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/**
 * Reads a stream: one Observable of micro-batches a partition goes through `pipeline`, new partitions as they appear.
 *
 * Emits every {@link Progress} of the pipelines, which is also what returns credits: a partition is read on only while
 * fewer than `maxInFlight` of its records are unreleased. A pipeline without a terminal operator does not compile.
 *
 * Never completes by itself. Errors with the first error of log, decoder or pipeline; the other partitions are then
 * unsubscribed. Unsubscribing aborts reads and whatever terminal operators have under way. Concurrency: all partitions
 * side by side. Memory: `maxInFlight` records a partition, and one batch that the log may read ahead.
 *
 * Keeps no position: reading starts where `options.from` says.
 *
 * @example
 * consume(log, plays, { maxInFlight: 10_000 }, (batches) => batches.pipe(writeTo(webhookSink(url)))).subscribe();
 *
 * @throws {ConfigurationError} when `maxInFlight` is too small.
 */
export function consume<C extends Columns>(
  log: EventLog,
  from: Stream<C>,
  options: ConsumeOptions,
  pipeline: (batches: Observable<ColumnBatch<Row<C>>>, partition: number) => Observable<Progress>,
): Observable<Progress> {
  return consumePlan(log, ...resolveConsume(`consuming "${from.topic}"`, from, options), pipeline);
}

/** The plan of the stream, and the options with their defaults. */
export function resolveConsume(doing: string, from: Stream<Columns>, options: ConsumeOptions): [StreamPlan, ConsumePlanOptions] {
  const { maxInFlight = DEFAULT_MAX_IN_FLIGHT, refreshMs = 1_000, clock = systemClock(), views = [], telemetry = silent } = options;
  if (!Number.isSafeInteger(maxInFlight) || maxInFlight < LEAST_IN_FLIGHT) {
    throw new ConfigurationError(doing, [{ path: "maxInFlight", message: `must be a whole number of at least ${LEAST_IN_FLIGHT}, or a sink batch might never be sealed` }]);
  }
  const plan = planStreams(views.map(({ definition }) => definition), [from.definition]).find(({ stream }) => stream.topic === from.topic)!;
  const { retry } = resolveDelivery({ clock, telemetry });
  return [plan, { maxInFlight, refreshMs, timers: clock, telemetry, retry, from: options.from ?? (({ start }) => start) }];
}
