import { Observable, defer, mergeMap, takeUntil, tap } from "rxjs";
import { SINK_GRID, createEventDecoder, onAbort } from "@millrace/core";
import type { Clock, ColumnBatch, EventLog, PartitionDescription, Retry, StreamPlan, Telemetry } from "@millrace/core";
import { reportDeadLetters } from "../delivery/report-dead-letters.js";
import { ownsAll, type Ownership } from "../ownership/ownership.js";
import { InFlight } from "./in-flight.js";
import { partitionBatches } from "./partition-batches.js";
import type { Progress } from "./progress.js";
import type { Reading } from "./reading.js";
import { topicPartitions } from "./topic-partitions.js";

/** An unsealed sink batch holds up to a thousand records; with less room than twice that, the record that seals it might never be read. */
export const LEAST_IN_FLIGHT = 2 * SINK_GRID.segmentOffsets;

const LONGEST_BATCH = 10_000;

export interface ConsumePlanOptions {
  readonly maxInFlight: number;
  readonly from: (partition: PartitionDescription) => number | Promise<number>;
  readonly refreshMs: number;
  /** What `refreshMs` is measured by. */
  readonly timers: Clock;
  readonly telemetry: Telemetry;
  readonly retry: Retry;
  /** What of the topic is read. Default: all. */
  readonly ownership?: Ownership;
}

/** What `consume` does, for a stream that is already planned. */
export function consumePlan<R>(
  log: EventLog,
  plan: StreamPlan,
  options: ConsumePlanOptions,
  pipeline: (batches: Observable<ColumnBatch<R>>, partition: number) => Observable<Progress>,
): Observable<Progress> {
  return topicPartitions(log, plan.stream.topic, options.timers, options.refreshMs, options.ownership ?? ownsAll).pipe(
    // Not limited: each partition has its own credits, and leaving one out would hold it back for ever.
    mergeMap(({ description, lost }) => {
      const { partition } = description;
      const inFlight = new InFlight(options.maxInFlight, options.timers);
      const reading: Reading = { isMerged: false, partitions: [partition], clock: options.timers, polledSince: () => inFlight.readingSince };
      return pipeline(readPartition<R>(log, plan, options, { description, inFlight, reading }), partition).pipe(
        tap(({ until, released = until }) => inFlight.release(released)),
        takeUntil(aborted(lost)),
      );
    }),
  );
}

/** Emits once the signal is aborted. */
function aborted(signal: AbortSignal): Observable<void> {
  return new Observable((subscriber) => {
    if (!signal.aborted) return onAbort(signal, () => subscriber.next());
    subscriber.next();
    return undefined;
  });
}

/** What `consumeAll` does, for a stream that is already planned. */
export function consumeAllPlan<R>(
  log: EventLog,
  plan: StreamPlan,
  options: ConsumePlanOptions,
  pipeline: (batches: Observable<ColumnBatch<R>>) => Observable<Progress>,
): Observable<Progress> {
  return defer(() => {
    const inFlight = new Map<number, InFlight>();
    const reading: Reading = {
      isMerged: true,
      partitions: { [Symbol.iterator]: () => inFlight.keys() },
      clock: options.timers,
      polledSince: (partition) => inFlight.get(partition)?.readingSince,
    };
    // One pipeline over all partitions cannot give one of them back, so it is not for groups.
    const batches = topicPartitions(log, plan.stream.topic, options.timers, options.refreshMs, ownsAll).pipe(
      mergeMap(({ description }) => {
        const own = new InFlight(options.maxInFlight, options.timers);
        // Known before the first batch of any of the partitions that were found together.
        inFlight.set(description.partition, own);
        return readPartition<R>(log, plan, options, { description, inFlight: own, reading });
      }),
    );
    return pipeline(batches).pipe(tap(({ partition, until, released = until }) => inFlight.get(partition)?.release(released)));
  });
}

interface PartitionSource {
  readonly description: PartitionDescription;
  readonly inFlight: InFlight;
  readonly reading: Reading;
}

function readPartition<R>(
  log: EventLog,
  plan: StreamPlan,
  { from, maxInFlight, telemetry, retry }: ConsumePlanOptions,
  { description, inFlight, reading }: PartitionSource,
): Observable<ColumnBatch<R>> {
  const { topic } = plan.stream;
  const maxRecords = Math.min(LONGEST_BATCH, Math.floor(maxInFlight / 2));
  return defer(async () => from(description)).pipe(
    mergeMap(
      (start) => partitionBatches(log, createEventDecoder<R>(plan), { topic, partition: description.partition, from: start, maxRecords, inFlight, reading, retry }),
      1,
    ),
    tap((batch) => reportDeadLetters(batch, telemetry)),
  );
}
