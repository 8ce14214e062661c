import { Observable } from "rxjs";
import type { OperatorFunction, Subscription } from "rxjs";
import { systemClock } from "@millrace/core";
import { sourceOf } from "../../consume/batch-source.js";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import { after } from "../timers.js";
import type { Timers } from "../timers.js";
import type { LateEvent } from "./late-event.js";
import type { WindowEngine } from "./window-engine.js";

/** Gives batches to an engine of its own for each subscription, and tells it when time has passed. */
export function windowOperator<R, Out>(
  name: string,
  clock: Timers | undefined,
  createEngine: () => WindowEngine<R, Out>,
): OperatorFunction<ColumnarBatch<R>, Forked<Out, LateEvent<R>>> {
  return (source) =>
    new Observable((subscriber) => {
      const engine = createEngine();
      let timers = clock;
      let alarm: { readonly at: number; readonly pause: Subscription } | undefined;
      const emit = (work: () => readonly Forked<Out, LateEvent<R>>[]): void => {
        try {
          for (const each of work()) subscriber.next(each);
          if (!subscriber.closed) arm();
        } catch (error) {
          subscriber.error(error);
        }
      };
      /** One pause at a time. One that ends too early looks again, so it is only replaced by a shorter one. */
      const arm = (): void => {
        if (timers === undefined) return;
        const own = timers;
        const now = own.now();
        const at = engine.nextTick(now);
        if (at === undefined || (alarm !== undefined && alarm.at <= at)) return;
        alarm?.pause.unsubscribe();
        const pause = after(own, Math.max(0, at - now)).subscribe({
          next: () => {
            alarm = undefined;
            emit(() => engine.tick(own.now()));
          },
          error: (error: unknown) => subscriber.error(error),
        });
        if (!pause.closed) alarm = { at, pause };
      };
      subscriber.add(() => alarm?.pause.unsubscribe());
      subscriber.add(
        source.subscribe({
          next: (batch) =>
            emit(() => {
              timers ??= sourceOf(batch, name).reading?.clock ?? systemClock();
              return engine.add(batch, timers.now());
            }),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
}
