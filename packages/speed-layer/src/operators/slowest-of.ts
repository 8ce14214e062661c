import { Observable, connect, merge } from "rxjs";
import type { OperatorFunction } from "rxjs";
import { ConfigurationError } from "@millrace/core";
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
 * Emits nothing of a partition before each has emitted something of it. Completes when all have completed; errors with
 * the first error, and unsubscribes the others. Concurrency: the operators run side by side. Memory: theirs; the credits
 * follow the slowest.
 *
 * Operators over records and operators over windows do not go together, because their restarts begin at different places:
 * it errors. Give each a `consume` of its own.
 *
 * @example
 * batches.pipe(slowestOf(writeTo(sink), deadLetterTo({ log, topic: "dead_letters" })))
 */
export function slowestOf<Ts extends readonly OperatorFunction<never, Progress>[]>(...terminals: Ts): OperatorFunction<InputOfAll<Ts>, Progress> {
  return connect((batches: Observable<InputOfAll<Ts>>) =>
    slowest(terminals.map((terminal) => batches.pipe(terminal as OperatorFunction<InputOfAll<Ts>, Progress>))),
  );
}

function slowest(all: readonly Observable<Progress>[]): Observable<Progress> {
  return new Observable((subscriber) => {
    const latest = new Map<number, (Progress | undefined)[]>();
    const emitted = new Map<number, Progress>();
    const add = (index: number, progress: Progress): void => {
      const { topic, partition } = progress;
      let each = latest.get(partition);
      if (each === undefined) latest.set(partition, (each = all.map(() => undefined)));
      each[index] = progress;
      let least: Progress | undefined;
      for (const one of each) {
        if (one === undefined) return;
        least = least === undefined ? one : lesser(least, one);
      }
      const before = emitted.get(partition);
      if (least === undefined || (before?.until === least.until && before.released === least.released)) return;
      emitted.set(partition, least);
      subscriber.next(progressOf(topic, partition, least.until, least.released));
    };
    return merge(...all.map((each, index) => new Observable<never>((inner) => each.subscribe({
      next: (progress) => {
        try {
          add(index, progress);
        } catch (error) {
          inner.error(error);
        }
      },
      error: (error: unknown) => inner.error(error),
      complete: () => inner.complete(),
    })))).subscribe(subscriber);
  });
}

function lesser(a: Progress, b: Progress): Progress {
  if ((a.released === undefined) !== (b.released === undefined)) {
    throw new ConfigurationError(`combining terminal operators of "${a.topic}"`, [
      { path: "slowestOf", message: "some take records and some take windows, which start again at different offsets: give each a consume of its own" },
    ]);
  }
  const until = Math.min(a.until, b.until);
  return a.released === undefined || b.released === undefined
    ? progressOf(a.topic, a.partition, until)
    : progressOf(a.topic, a.partition, until, Math.min(a.released, b.released));
}
