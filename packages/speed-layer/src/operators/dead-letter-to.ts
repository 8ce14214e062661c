import { map, pipe } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { ColumnBatch, DeadLetter, EventLog, Sink } from "@millrace/core";
import { inheritSource } from "../consume/batch-source.js";
import type { Progress } from "../consume/progress.js";
import type { DeliveryOptions } from "../delivery/delivery-options.js";
import { deadLetterTopic } from "./dead-letter-topic.js";
import { writeTo } from "./write-to.js";

/**
 * Terminal: writes the records that could not be decoded, raw and with their coordinates, to a sink or to a topic of a
 * log. Groups, ids, retries, errors, completion, unsubscription, concurrency and memory are those of {@link writeTo}.
 *
 * A sink leaves one copy after a replay; a topic, being append-only, may hold a letter twice after one: its headers
 * `millrace-topic`, `millrace-partition` and `millrace-offset` tell.
 *
 * Use {@link slowestOf} to deliver events and dead letters of one reading.
 */
export function deadLetterTo(
  target: Sink<DeadLetter> | { readonly log: EventLog; readonly topic: string },
  options: DeliveryOptions = {},
): OperatorFunction<ColumnBatch, Progress> {
  const sink = "write" in target ? target : deadLetterTopic(target.log, target.topic);
  return pipe(
    map((batch: ColumnBatch) => {
      const { topic, logVersion, partition, from, until, deadLetters } = batch;
      return inheritSource(
        {
          topic,
          logVersion,
          partition,
          from,
          until,
          length: deadLetters.length,
          offsets: Float64Array.from(deadLetters, ({ offset }) => offset),
          appendedAt: Float64Array.from(deadLetters, ({ appendedAt }) => appendedAt),
          rows: deadLetters,
        },
        batch,
        "deadLetterTo",
      );
    }),
    writeTo(sink, options),
  );
}
