import { Problems } from "@millrace/core";
import type { Timers } from "../timers.js";

/** What all windows take. */
export interface WindowOptions {
  /**
   * How long a window stays open after its end, ms of event time: until every partition has an event so much newer.
   * Default 0.
   */
  readonly allowedLatenessMs?: number;
  /**
   * A partition that is read to its end and has had no record for so long, ms of the clock, is not waited for. `Infinity`:
   * every partition is always waited for, and results are a function of the log alone. Default 60,000.
   */
  readonly idleAfterMs?: number;
  /** Rows (keys of windows) that are open at once, at most, over all partitions; beyond, the operator errors. Default 1,000,000. */
  readonly maxRows?: number;
  /** Name of the results in the ids of sink batches. Default: the view's name, the kind of window and its length. */
  readonly name?: string;
  /** What `idleAfterMs` is measured by. Default: the clock that `consume` was given. */
  readonly clock?: Timers;
}

export interface ResolvedWindowOptions {
  readonly allowedLatenessMs: number;
  readonly idleAfterMs: number;
  readonly maxRows: number;
  readonly name: string;
  readonly clock: Timers | undefined;
}

/** Of a time window, in slices (panes) of `hopMs`; a tumbling window has one. */
export const MOST_PANES = 10_000;

/**
 * @throws {ConfigurationError} with every mistake; `lengths` are positive, by name.
 */
export function resolveWindowOptions(kind: string, view: { readonly name: string }, lengths: Readonly<Record<string, number>>, options: WindowOptions): ResolvedWindowOptions {
  const { allowedLatenessMs = 0, idleAfterMs = 60_000, maxRows = 1_000_000, clock } = options;
  const name = options.name ?? [view.name, kind, ...Object.values(lengths)].join("-");
  const problems = new Problems();
  for (const [path, ms] of Object.entries(lengths)) whole(path, ms, 1);
  whole("allowedLatenessMs", allowedLatenessMs, 0);
  if (idleAfterMs !== Infinity) whole("idleAfterMs", idleAfterMs, 1);
  whole("maxRows", maxRows, 1);
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(name)) problems.add("name", `"${name}" is not 1 to 200 letters, digits, ".", "_" and "-"`);
  const { sizeMs, hopMs } = lengths;
  if (sizeMs !== undefined && hopMs !== undefined && (sizeMs % hopMs !== 0 || sizeMs / hopMs > MOST_PANES)) {
    problems.add("sizeMs", `must be a multiple of hopMs, at most ${MOST_PANES} times as long`);
  }
  problems.throwIfAny(`making ${kind} windows of view "${view.name}"`);
  return { allowedLatenessMs, idleAfterMs, maxRows, name, clock };

  function whole(path: string, value: number, least: number): void {
    if (!Number.isSafeInteger(value) || value < least) problems.add(path, `must be a whole number of at least ${least}, not ${String(value)}`);
  }
}
