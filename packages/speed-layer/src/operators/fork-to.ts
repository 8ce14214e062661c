import { map, pipe } from "rxjs";
import type { OperatorFunction } from "rxjs";
import type { EventBatch } from "@millrace/core";
import type { Progress } from "../consume/progress.js";
import type { Forked } from "./forked.js";
import { slowestOf } from "./slowest-of.js";

/**
 * Terminal: gives the main output of an operator to one terminal operator and its side output to another, and emits how
 * far both are. {@link discard} is the terminal for an output that is not wanted.
 *
 * Completion, errors, unsubscription, concurrency and memory are those of {@link slowestOf}.
 *
 * @example
 * batches.pipe(tumbling(playsByMinute), forkTo(writeTo(windows), writeTo(lateEvents)))
 */
export function forkTo<Main, Side>(
  main: OperatorFunction<EventBatch<Main>, Progress>,
  side: OperatorFunction<EventBatch<Side>, Progress>,
): OperatorFunction<Forked<Main, Side>, Progress> {
  return slowestOf(
    pipe(
      map((forked: Forked<Main, Side>) => forked.main),
      main,
    ),
    pipe(
      map((forked: Forked<Main, Side>) => forked.side),
      side,
    ),
  );
}
