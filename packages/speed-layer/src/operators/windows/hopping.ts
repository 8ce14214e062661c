import type { OperatorFunction } from "rxjs";
import type { Every, View } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import type { LateEvent } from "./late-event.js";
import { timeWindows } from "./make-time-windows.js";
import type { WindowOptions } from "./window-options.js";
import type { WindowRow } from "./window-row.js";

export interface HoppingOptions extends WindowOptions {
  /** Length of a window, ms: a multiple of `hopMs`. */
  readonly sizeMs: number;
  /** A window starts at each multiple of it since 1970, ms. */
  readonly hopMs: number;
}

/**
 * Windows of one length that overlap, such as the last five minutes, every minute. Each event is folded once and counts in
 * every window that it lies in, but for those that had closed when it came: it is in the side output for these.
 *
 * Everything else is said of {@link tumbling}, which it is with `hopMs` = `sizeMs`. Memory: rows of one hop each, not
 * of one window each.
 *
 * @example
 * consumeAll(log, plays, {}, (batches) => batches.pipe(hopping(trending, { sizeMs: 300_000, hopMs: 60_000 }), forkTo(writeTo(windows), discard())));
 *
 * @throws {ConfigurationError} with every mistake of the options.
 */
export function hopping<Dims, Out, R>(
  view: View<string, Dims, Out, Every>,
  options: HoppingOptions,
): OperatorFunction<ColumnarBatch<R>, Forked<WindowRow<Dims, Out>, LateEvent<R>>> {
  const { sizeMs, hopMs } = options;
  return timeWindows("hopping", view, { sizeMs, hopMs }, hopMs, options);
}
