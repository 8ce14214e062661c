import { defer, mergeMap, tap } from "rxjs";
import type { Observable } from "rxjs";
import { SINK_GRID, createEventDecoder } from "@millrace/core";
import type { Clock, ColumnBatch, EventLog, PartitionDescription, Retry, StreamPlan, Telemetry } from "@millrace/core";
import { reportDeadLetters } from "../delivery/report-dead-letters.js";
import { InFlight } from "./in-flight.js";
import { partitionBatches } from "./partition-batches.js";
import type { Progress } from "./progress.js";
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
}

/** What `consume` does, for a stream that is already planned. */
export function consumePlan<R>(
  log: EventLog,
  plan: StreamPlan,
  { maxInFlight, from, refreshMs, timers, telemetry, retry }: ConsumePlanOptions,
  pipeline: (batches: Observable<ColumnBatch<R>>, partition: number) => Observable<Progress>,
): Observable<Progress> {
  const { topic } = plan.stream;
  const maxRecords = Math.min(LONGEST_BATCH, Math.floor(maxInFlight / 2));
  return topicPartitions(log, topic, timers, refreshMs).pipe(
    // Not limited: each partition has its own credits, and leaving one out would hold it back for ever.
    mergeMap((description) =>
      defer(async () => from(description)).pipe(
        mergeMap((start) => {
          const { partition } = description;
          const inFlight = new InFlight(maxInFlight);
          const batches = partitionBatches(log, createEventDecoder<R>(plan), { topic, partition, from: start, maxRecords, inFlight, retry }).pipe(
            tap((batch) => reportDeadLetters(batch, telemetry)),
          );
          return pipeline(batches, partition).pipe(tap(({ until }) => inFlight.release(until)));
        }, 1),
      ),
    ),
  );
}
