import { ConfigurationError, compilePredicate, coordinateName, partitionName, valueAt } from "@millrace/core";
import type { BatchPredicate, LogPartition, ViewDefinition } from "@millrace/core";
import { sealedBatch, sourceOf } from "../../consume/batch-source.js";
import type { Seal } from "../../consume/batch-source.js";
import { BatchSourceError } from "../../consume/batch-source-error.js";
import { progressOf } from "../../consume/progress.js";
import type { Progress } from "../../consume/progress.js";
import type { Reading } from "../../consume/reading.js";
import type { ColumnarBatch } from "../columnar-batch.js";
import type { Forked } from "../forked.js";
import type { LateEvent } from "./late-event.js";
import { lateGroupStart } from "./late-group.js";
import type { LateGroup } from "./late-group.js";
import type { PaneFolds, PaneRun } from "./pane-folds.js";
import { PartitionTime } from "./partition-time.js";
import { RowPresenter } from "./row-presenter.js";
import type { ClosedWindow, WindowKind } from "./window-kind.js";
import type { ResolvedWindowOptions } from "./window-options.js";

interface Run extends PaneRun {
  first: number;
  until: number;
}

interface Latecomer {
  readonly row: number;
  readonly missed: number;
  readonly cause: LateEvent<unknown>["cause"];
  readonly behindMs: number;
  /** Start of the group of late events that it belongs to. */
  readonly group: number;
}

/** What a window operator keeps, and does with each batch. It has no timers: its operator asks it when time has passed. */
export class WindowEngine<R, Out> {
  readonly #view: ViewDefinition;
  readonly #kind: WindowKind;
  readonly #folds: PaneFolds;
  readonly #options: ResolvedWindowOptions;
  readonly #presenter: RowPresenter;
  readonly #where: BatchPredicate | undefined;
  /** A partition may be so much event time ahead of the slowest. */
  readonly #mostAheadMs: number;
  readonly #partitions = new Map<number, PartitionTime>();
  readonly #late = new Map<number, LateGroup<R>>();
  #at: LogPartition | undefined;
  #reading: Omit<Reading, "clock"> | undefined;
  #watermark = -Infinity;
  /** Windows that began at or before this were closed before the reading, or are cut by its start. */
  #skipThrough = -Infinity;
  /** Batches that came before every partition had shown where it begins; undefined from then on. */
  #waiting: { readonly batch: ColumnarBatch<R>; readonly now: number }[] | undefined = [];
  /** Of each row of the batch at work, the run it belongs to; -1: late for all its windows. */
  #marks = new Int32Array(0);

  constructor(view: ViewDefinition, kind: WindowKind, folds: PaneFolds, mostAheadMs: number, options: ResolvedWindowOptions) {
    this.#view = view;
    this.#kind = kind;
    this.#folds = folds;
    this.#mostAheadMs = mostAheadMs;
    this.#options = options;
    this.#presenter = new RowPresenter(view);
    this.#where = view.where === undefined ? undefined : compilePredicate(view.where);
  }

  /** Folds a batch; gives late events, and what it closed. */
  add(batch: ColumnarBatch<R>, now: number): Forked<Out, LateEvent<R>>[] {
    const { follows, reading } = sourceOf(batch, this.#options.name);
    const time = this.#partitions.get(batch.partition) ?? this.#meet(batch, follows, reading);
    const out: Forked<Out, LateEvent<R>>[] = [];
    if (this.#waiting === undefined) {
      this.#fold(batch, time, now, out);
      return out;
    }
    this.#waiting.push({ batch, now });
    if (!time.hasBegun) this.#begin(batch, time);
    for (const partition of this.#reading!.partitions) if (this.#partitions.get(partition)?.hasBegun !== true) return out;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const each of waiting) this.#fold(each.batch, this.#partitions.get(each.batch.partition)!, each.now, out);
    return out;
  }

  /** What the passing of time alone closes. */
  tick(now: number): Forked<Out, LateEvent<R>>[] {
    const out: Forked<Out, LateEvent<R>>[] = [];
    if (this.#waiting === undefined) this.#advance(now, out);
    return out;
  }

  /** When `tick` may close something, by the clock; undefined: only records can. */
  nextTick(now: number): number | undefined {
    const { idleAfterMs } = this.#options;
    if (idleAfterMs === Infinity || this.#reading === undefined || this.#waiting !== undefined || this.#kind.nextCloseAt === Infinity) return undefined;
    let next: number | undefined;
    let allIdle = true;
    for (const partition of this.#reading.partitions) {
      const time = this.#partitions.get(partition);
      if (time === undefined) return undefined;
      const quiet = this.#quietSince(partition, time);
      if (quiet !== undefined && now - quiet >= idleAfterMs) continue;
      allIdle = false;
      if (time.caughtUpSince === undefined) continue;
      // Without credits it is not read, and nobody tells when it is again.
      const at = (quiet ?? now) + idleAfterMs;
      next = next === undefined ? at : Math.min(next, at);
    }
    if (!allIdle) return next;
    const { newest, since } = this.#lastOfAll();
    return newest === -Infinity ? undefined : Math.max(now + 1, since + this.#kind.nextCloseAt + this.#options.allowedLatenessMs - newest);
  }

  #meet(batch: ColumnarBatch<R>, follows: number, reading: Reading | undefined): PartitionTime {
    const { topic, logVersion, partition, coordinates } = batch;
    const view = this.#view;
    if (topic !== view.from.topic) throw new ConfigurationError(`making windows of view "${view.name}"`, [{ path: "from", message: `is topic "${view.from.topic}", but records of "${topic}" came` }]);
    const missing = view.coordinates.find((coordinate) => coordinates[coordinateName(coordinate)] === undefined);
    if (missing !== undefined) {
      throw new ConfigurationError(`making windows of view "${view.name}"`, [{ path: "views", message: `consume must be told of the view, so that it computes the sketches of "${missing.column}": { views: [view] }` }]);
    }
    this.#reading ??= reading ?? { isMerged: false, partitions: [partition], polledSince: () => -Infinity };
    this.#at ??= { topic: this.#options.name, logVersion, partition: this.#reading.isMerged ? 0 : partition };
    const time = new PartitionTime(follows);
    this.#partitions.set(partition, time);
    return time;
  }

  #begin(batch: ColumnarBatch<R>, time: PartitionTime): void {
    const { length } = batch;
    if (length > 0) this.#skipCut(batch, time);
    const { raw } = sourceOf(batch, this.#options.name);
    // At its end without a row, it is as good as empty.
    time.hasBegun = time.start === 0 || length > 0 || raw.position >= raw.end;
  }

  /** Learns from the first row of a partition which windows the start of reading cuts. */
  #skipCut({ eventTime }: ColumnarBatch<R>, { start }: PartitionTime): void {
    const { paneMs } = this.#kind;
    if (start > 0) this.#skipThrough = Math.max(this.#skipThrough, Math.floor(eventTime[0]! / paneMs) * paneMs);
  }

  #fold(batch: ColumnarBatch<R>, time: PartitionTime, now: number, out: Forked<Out, LateEvent<R>>[]): void {
    const { raw, follows } = sourceOf(batch, this.#options.name);
    const { partition } = batch;
    if (follows !== time.position) {
      throw new BatchSourceError(this.#options.name, batch, `it follows offset ${follows}, but the last one ended at ${time.position}: batches were dropped, repeated or reordered`);
    }
    if (batch.length > 0 && time.newest === -Infinity) this.#skipCut(batch, time);
    const { runs, latecomers } = this.#assign(batch, time);
    const all = runs.length === 1 && latecomers.length === 0;
    runs.forEach((run, mark) => this.#folds.add(partition, run, batch, all ? undefined : { marks: this.#marks, mark }));
    this.#takeLate(batch, latecomers, out);
    if (raw.length > 0) this.#sealLate(batch, lateGroupStart(raw.offsets[raw.length - 1]!, time.lastStep), out);
    time.fold(raw.position);
    if (raw.position < raw.end) time.caughtUpSince = undefined;
    else if (raw.length > 0 || time.caughtUpSince === undefined) time.caughtUpSince = now;
    this.#advance(now, out);
  }

  /** To which pane each row belongs, and which rows are late. */
  #assign(batch: ColumnarBatch<R>, time: PartitionTime): { readonly runs: readonly Run[]; readonly latecomers: readonly Latecomer[] } {
    const { eventTime, offsets, appendedAt, length } = batch;
    const { paneMs, windowsOfPane, isLateByTime, closedUntil } = this.#kind;
    const { allowedLatenessMs, idleAfterMs } = this.#options;
    // Windows that are skipped and still open here: of an event in them, a reading before this one may have made a late one.
    const skippedUntil = idleAfterMs === Infinity ? -Infinity : this.#kind.endsBy(this.#skipThrough);
    if (this.#marks.length < length) this.#marks = new Int32Array(length);
    const marks = this.#marks;
    const runs: Run[] = [];
    const byPane = new Map<number | string, number>();
    const latecomers: Latecomer[] = [];
    let { newest, lastAppendedAt, mayHaveBeenIdle } = time;
    let open = newest - allowedLatenessMs;
    let start = NaN;
    let end = NaN;
    let mark = -1;
    for (let i = 0; i < length; i++) {
      const t = eventTime[i]!;
      // Clocks of broker and reader may differ.
      if (appendedAt[i]! - lastAppendedAt >= idleAfterMs / 2) mayHaveBeenIdle = true;
      lastAppendedAt = appendedAt[i]!;
      if (t > newest) {
        newest = t;
        open = t - allowedLatenessMs;
        if (!(t < time.pane + paneMs)) time.step(offsets[i]!, Math.floor(t / paneMs) * paneMs);
      }
      if (!(t >= start && t < end)) {
        start = Math.floor(t / paneMs) * paneMs;
        end = start + paneMs;
        mark = -1;
      }
      if (end > closedUntil && (isLateByTime ? t >= open : end > open) && (end > skippedUntil || !mayHaveBeenIdle)) {
        if (mark < 0) mark = runOf(runs, byPane, start, 0, i);
        marks[i] = mark;
        runs[mark]!.until = i + 1;
        continue;
      }
      const behind = isLateByTime ? (t < open ? 1 : 0) : Math.min(windowsOfPane, Math.max(0, Math.floor((open - start) / paneMs)));
      const closed = Math.max(behind, Math.min(windowsOfPane, Math.max(0, Math.floor((closedUntil - start) / paneMs))));
      const skipped = mayHaveBeenIdle ? Math.min(windowsOfPane, Math.max(0, Math.floor((skippedUntil - start) / paneMs))) : 0;
      const missed = Math.max(closed, skipped);
      latecomers.push({ row: i, missed, cause: missed > closed ? "restart" : closed > behind ? "idle" : "behind", behindMs: newest - t, group: lateGroupStart(offsets[i]!, time.lastStep) });
      if (missed === windowsOfPane) marks[i] = -1;
      else {
        const own = runOf(runs, byPane, start, missed, i);
        marks[i] = own;
        runs[own]!.until = i + 1;
      }
    }
    time.newest = newest;
    time.lastAppendedAt = lastAppendedAt;
    time.mayHaveBeenIdle = mayHaveBeenIdle;
    return { runs, latecomers };
  }

  #takeLate(batch: ColumnarBatch<R>, latecomers: readonly Latecomer[], out: Forked<Out, LateEvent<R>>[]): void {
    if (latecomers.length === 0) return;
    const { partition, offsets, appendedAt, columns, eventTime } = batch;
    const { paneMs } = this.#kind;
    const counted = this.#where?.(batch);
    const definitions = Object.entries(this.#view.from.columns);
    const told: LateEvent<R>[] = [];
    for (const { row, missed, cause, behindMs, group: from } of latecomers) {
      if (counted !== undefined && counted[row] === 0) continue;
      const values: Record<string, unknown> = {};
      for (const [name, definition] of definitions) values[name] = valueAt(definition, columns[name]!, row);
      const pane = Math.floor(eventTime[row]! / paneMs) * paneMs;
      const event: LateEvent<R> = {
        row: values as R,
        partition,
        offset: offsets[row]!,
        appendedAt: appendedAt[row]!,
        behindMs,
        missed: this.#kind.missedWindows(pane, missed),
        cause,
      };
      if (cause === "behind") {
        this.#sealLate(batch, from, out);
        const group = this.#late.get(partition);
        if (group === undefined) this.#late.set(partition, { from, rows: [event] });
        else group.rows.push(event);
      } else told.push(event);
    }
    // At once, because a reading that starts again may not find out.
    if (told.length > 0) this.#emitLate("idle", batch, told[0]!.offset, told, out);
  }

  /** Hands out the partition's late events, if they are of another group than the one that begins at `from`. */
  #sealLate({ partition, logVersion }: Pick<LogPartition, "partition" | "logVersion">, from: number, out: Forked<Out, LateEvent<R>>[]): void {
    const group = this.#late.get(partition);
    if (group === undefined || group.from === from) return;
    this.#late.delete(partition);
    this.#emitLate("late", { partition, logVersion }, group.from, group.rows, out);
  }

  #emitLate(what: "late" | "idle", { partition, logVersion }: Pick<LogPartition, "partition" | "logVersion">, from: number, rows: readonly LateEvent<R>[], out: Forked<Out, LateEvent<R>>[]): void {
    const at = { topic: `${this.#options.name}-${what}`, logVersion, partition };
    const seal: Seal = { batch: { ...at, id: `${partitionName(at)}/${from}`, from, until: rows.at(-1)!.offset + 1 }, progress: [] };
    out.push({ main: sealedBatch(seal, []), side: sealedBatch(seal, rows) });
  }

  #advance(now: number, out: Forked<Out, LateEvent<R>>[]): void {
    this.#watermark = Math.max(this.#watermark, this.#watermarkAt(now));
    for (const closed of this.#kind.close(this.#watermark, this.#skipThrough)) if (closed.rows.length > 0) out.push(this.#emit(closed));
    const progress: Progress[] = [];
    const { oldestOpen, closedUntil } = this.#kind;
    const { allowedLatenessMs } = this.#options;
    for (const [partition, time] of this.#partitions) {
      time.release(this.#watermark + allowedLatenessMs + this.#mostAheadMs);
      // A partition that was not waited for starts again before its pause, until it has caught up: the pause is what tells
      // a reading that its events may have come too late.
      const until = closedUntil > time.newest - allowedLatenessMs ? time.until : time.restartAt(oldestOpen);
      if (until === time.until && time.released === time.toldReleased) continue;
      time.until = until;
      time.toldReleased = time.released;
      progress.push(progressOf(this.#view.from.topic, partition, until, Math.max(until, time.released)));
    }
    if (progress.length === 0) return;
    const seal: Seal = { batch: { ...this.#at!, id: partitionName(this.#at!), from: 0, until: 0 }, progress };
    out.push({ main: sealedBatch(seal, []), side: sealedBatch(seal, []) });
  }

  #emit({ from, until, rows }: ClosedWindow): Forked<Out, LateEvent<R>> {
    const at = this.#at!;
    const seal: Seal = { batch: { ...at, id: `${partitionName(at)}/${from}`, from, until }, progress: [] };
    return { main: sealedBatch(seal, this.#presenter.present<Out>(rows)), side: sealedBatch(seal, []) };
  }

  /** Every window that ends by it can be closed. -Infinity while a partition has to be waited for. */
  #watermarkAt(now: number): number {
    const { allowedLatenessMs, idleAfterMs } = this.#options;
    let least = Infinity;
    let allIdle = true;
    for (const partition of this.#reading?.partitions ?? []) {
      const time = this.#partitions.get(partition);
      if (time === undefined) return -Infinity;
      const quiet = this.#quietSince(partition, time);
      if (quiet !== undefined && now - quiet >= idleAfterMs) continue;
      allIdle = false;
      least = Math.min(least, time.newest);
    }
    if (!allIdle) return least - allowedLatenessMs;
    // Nobody has anything: event time goes on at the pace of the clock from where the last one stopped.
    const { newest, since } = this.#lastOfAll();
    return newest - allowedLatenessMs + (now - since);
  }

  /** Since when a partition has been read to its end and asked for more. */
  #quietSince(partition: number, { caughtUpSince }: PartitionTime): number | undefined {
    const polledSince = this.#reading!.polledSince(partition);
    return caughtUpSince === undefined || polledSince === undefined ? undefined : Math.max(caughtUpSince, polledSince);
  }

  #lastOfAll(): { readonly newest: number; readonly since: number } {
    let newest = -Infinity;
    let since = -Infinity;
    for (const [partition, time] of this.#partitions) {
      newest = Math.max(newest, time.newest);
      since = Math.max(since, this.#quietSince(partition, time) ?? -Infinity);
    }
    return { newest, since };
  }
}

function runOf(runs: Run[], byPane: Map<number | string, number>, pane: number, missed: number, row: number): number {
  const key = missed === 0 ? pane : `${pane}/${missed}`;
  let index = byPane.get(key);
  if (index === undefined) {
    index = runs.push({ pane, missed, first: row, until: row + 1 }) - 1;
    byPane.set(key, index);
  }
  return index;
}
