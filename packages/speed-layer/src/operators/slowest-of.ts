import { combineLatest, connect, distinctUntilChanged, map } from "rxjs";
import type { Observable, OperatorFunction } from "rxjs";
import { progressOf } from "../consume/progress.js";
import type { Progress } from "../consume/progress.js";

/** What every one of the operators takes. */
type InputOfAll<Ts extends readonly unknown[]> = (
  Ts[number] extends infer T ? (T extends OperatorFunction<infer B, Progress> ? (batch: B) => void : never) : never
) extends (batch: infer All) => void
  ? All
  : never;

/**
 * Terminal: gives every batch to each of the terminal operators, and emits how far *all* of them are.
 *
 * Emits nothing before each has emitted. Completes when all have completed; errors with the first error, and
 * unsubscribes the others. Concurrency: the operators run side by side. Memory: theirs; the credits follow the slowest.
 *
 * @example
 * batches.pipe(slowestOf(writeTo(sink), deadLetterTo({ log, topic: "dead_letters" })))
 */
export function slowestOf<Ts extends readonly OperatorFunction<never, Progress>[]>(...terminals: Ts): OperatorFunction<InputOfAll<Ts>, Progress> {
  return connect((batches: Observable<InputOfAll<Ts>>) =>
    combineLatest(terminals.map((terminal) => batches.pipe(terminal as OperatorFunction<InputOfAll<Ts>, Progress>))).pipe(
      map((all) => all.reduce((slowest, progress) => (progress.until < slowest.until ? progress : slowest))),
      distinctUntilChanged((a, b) => a.until === b.until),
      map(({ topic, partition, until }) => progressOf(topic, partition, until)),
    ),
  );
}
