import { combineLatest, connect, distinctUntilChanged, map } from "rxjs";
import type { Observable, OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";

/**
 * Terminal: gives every batch to each of the terminal operators, and emits how far *all* of them are.
 *
 * Emits nothing before each has emitted. Completes when all have completed; errors with the first error, and
 * unsubscribes the others. Concurrency: the operators run side by side. Memory: theirs; the credits follow the slowest.
 *
 * @example
 * batches.pipe(slowestOf(writeTo(sink), deadLetterTo({ log, topic: "dead_letters" })))
 */
export function slowestOf<B extends EventBatch<unknown>>(...terminals: readonly OperatorFunction<B, Progress>[]): OperatorFunction<B, Progress> {
  return connect((batches: Observable<B>) =>
    combineLatest(terminals.map((terminal) => batches.pipe(terminal))).pipe(
      map((all) => all.reduce((slowest, progress) => (progress.until < slowest.until ? progress : slowest))),
      distinctUntilChanged((a, b) => a.until === b.until),
      map(({ topic, partition, until }) => progressOf(topic, partition, until)),
    ),
  );
}
