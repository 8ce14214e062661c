import { map, timer } from "rxjs";
import type { Observable, SchedulerLike } from "rxjs";
import type { Clock } from "@millrace/core";
import { fromAbortable } from "./from-abortable.js";

/** What pauses are measured by: a {@link Clock}, or a scheduler of RxJS such as a `TestScheduler`. */
export type Timers = Clock | SchedulerLike;

/** Emits once after `ms` and completes. Unsubscribing ends the pause. */
export function after(timers: Timers, ms: number): Observable<void> {
  if ("schedule" in timers) return timer(ms, timers).pipe(map(() => undefined));
  return fromAbortable((signal) => timers.sleep(ms, signal));
}
