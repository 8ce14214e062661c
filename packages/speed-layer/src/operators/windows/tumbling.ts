import type { OperatorFunction } from "rxjs";
import { EVERY_MS } from "@millrace/core";
import type { Every, View } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import type { LateEvent } from "./late-event.js";
import { timeWindows } from "./make-time-windows.js";
import type { WindowOptions } from "./window-options.js";
import type { WindowRow } from "./window-row.js";

export interface TumblingOptions extends WindowOptions {
  /** Length of a window, ms; windows start at its multiples since 1970. Default: the view's `every`. */
  readonly sizeMs?: number;
}

/**
 * Windows of one length side by side: emits the rows of a window once, when it is closed, and late events apart.
 *
 * What is counted is a view: its filter, dimensions and measures. Behind `consume` a window is of one partition, for keys
 * that lie in one; behind `consumeAll` it is of all of them.
 *
 * **Closing.** The watermark is the newest event time of the partition that is furthest behind, less
 * `allowedLatenessMs`; it never steps back. A window is closed when the watermark has reached its end, and is then one
 * sink batch: its id names the view, the length and the start of the window, its rows are in the order of the
 * dimensions. A window without events is not emitted.
 *
 * **Late.** An event is late when the window's end lies `allowedLatenessMs` or more behind the newest event time that its
 * *own* partition had before it. That is a function of the log, so it does not depend on how partitions interleave, how
 * fast they are read, and in what batches; and no event that is in time by it can find its window closed, because the
 * watermark waits for the slowest. Late events leave by the side output in sink batches of at most a thousand offsets, the
 * same ones in every replay.
 *
 * **Idle.** A partition that was read to its end, has credits to read on, and has had no record for `idleAfterMs` is not
 * waited for. If none is waited for, event time goes on at the pace of the clock from the newest event. An event that
 * comes to such a partition after its window was closed is late with cause `idle`. This is the one thing that is not a
 * function of the log: a replay counts that event in its window, which has the same id. `idleAfterMs: Infinity` rules it
 * out; a partition without records then holds all windows. The same goes for a partition that is added while reading.
 * After a restart, an event of a window that was closed before, and that follows a pause of half of `idleAfterMs` in its
 * partition's broker time, is told as late with cause `restart`: whether it was counted cannot be known, and nothing is
 * lost in silence. That needs a clock that is not further from the broker's than half of `idleAfterMs`.
 *
 * **Restarts.** Nothing is stored: open windows are folded again from the log. So `Progress.until` stays at a record
 * below every open window, the first of its partition to reach its slice of event time; reading from there gives every
 * window that was not durable, whole and with the same id, and may write some of the last ones again. Windows that began
 * at or before that record's are not emitted: they were durable, or the start cuts them. A reading that begins in the
 * middle of a log, at another offset, gives no cut window either if no record before it belongs into a later window than
 * its first record does. Offset 0 has nothing before it.
 *
 * **Credits** do not wait for progress: a record is released when it is folded, and all results that came before are
 * durable. So a window may be longer than `maxInFlight` records. What is held is bounded by `maxRows` (beyond, it
 * errors with advice), and by `maxInFlight` records of each partition that is more than a window ahead of the slowest.
 * The price of a long window is a long replay after a restart.
 *
 * Completes with its source; open windows and unsealed late events are not emitted then, for they are not whole: they
 * come again with the next reading. Errors with its source, when the open rows exceed `maxRows`, when batches were
 * dropped or reordered, and with what a custom measure throws. Unsubscribing drops what is open and ends the pause that
 * `idleAfterMs` needs.
 *
 * @example
 * consumeAll(log, plays, {}, (batches) => batches.pipe(tumbling(playsByMinute, { allowedLatenessMs: 30_000 }), forkTo(writeTo(windows), writeTo(late))));
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function tumbling<Dims, Out, R>(
  view: View<string, Dims, Out, Every>,
  options: TumblingOptions = {},
): OperatorFunction<ColumnarBatch<R>, Forked<WindowRow<Dims, Out>, LateEvent<R>>> {
  const { sizeMs = EVERY_MS[view.definition.every] } = options;
  return timeWindows("tumbling", view, { sizeMs }, sizeMs, options);
}
