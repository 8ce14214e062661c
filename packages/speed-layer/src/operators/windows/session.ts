import type { OperatorFunction } from "rxjs";
import type { Every, View } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import type { LateEvent } from "./late-event.js";
import { PaneFolds } from "./pane-folds.js";
import { SessionWindows, withEventTimes } from "./session-windows.js";
import { WindowEngine } from "./window-engine.js";
import { windowOperator } from "./window-operator.js";
import { resolveWindowOptions } from "./window-options.js";
import type { WindowOptions } from "./window-options.js";
import type { WindowRow } from "./window-row.js";

export interface SessionOptions extends WindowOptions {
  /** Two events of one key that are so far apart, ms, belong to two sessions. */
  readonly gapMs: number;
}

/**
 * Sessions: runs of events of one key (the view's dimensions) without a gap of `gapMs`. A row is a session: `window` is
 * its first event, `windowEnd` its last event and the gap.
 *
 * Sessions have no common ends, so they are closed by slices of event time as long as the gap: those that end in a slice
 * are one sink batch, once the watermark has reached the slice's end. So a session comes at most one gap later than it
 * could, and in the same batch in every replay.
 *
 * An event is late when it lies more than `allowedLatenessMs` behind the newest event of its own partition, also if a
 * session of its key is still open: with the default of 0 every event out of order is late.
 *
 * Everything else is said of {@link tumbling}. A key that never pauses keeps its session open, and progress with it: a
 * restart then reads from its beginning.
 *
 * @example
 * consumeAll(log, clicks, {}, (batches) => batches.pipe(session(visits, { gapMs: 1_800_000, allowedLatenessMs: 60_000 }), forkTo(writeTo(sessions), discard())));
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function session<Dims, Out, R>(
  view: View<string, Dims, Out, Every>,
  options: SessionOptions,
): OperatorFunction<ColumnarBatch<R>, Forked<WindowRow<Dims, Out>, LateEvent<R>>> {
  const { gapMs } = options;
  const resolved = resolveWindowOptions("session", view, { gapMs }, options);
  return windowOperator(resolved.name, resolved.clock, () => {
    const folded = withEventTimes(view.definition);
    const folds = new PaneFolds(folded, gapMs, resolved.name, resolved.maxRows);
    return new WindowEngine<R, WindowRow<Dims, Out>>(view.definition, new SessionWindows(folds, folded, gapMs), folds, gapMs, resolved);
  });
}
