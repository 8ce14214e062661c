import { PartialMerger, ViewFold } from "@millrace/core";
import type { ColumnBatch, MarkedRows, PartialBatch, ViewDefinition } from "@millrace/core";
import type { ColumnarBatch } from "../columnar-batch.js";
import { WindowStateError } from "./window-state-error.js";

/** Rows of one partition's batch that belong to one pane and missed equally many windows. */
export interface PaneRun {
  /** Start of the pane, epoch ms. */
  readonly pane: number;
  /** How many of the windows that the pane lies in had closed, the oldest first. */
  readonly missed: number;
  readonly first: number;
  readonly until: number;
}

/** Folds that are cleared and used again, at most. */
const SPARE = 32;

/**
 * The accumulators of what is open: a fold for each pane (slice of event time), partition and number of windows missed.
 * Of each partition apart, because texts are codes of a partition's own dictionary. Memory: `maxRows` rows.
 */
export class PaneFolds {
  readonly #view: ViewDefinition;
  readonly #paneMs: number;
  readonly #name: string;
  readonly #maxRows: number;
  readonly #panes = new Map<number, Map<number, { readonly missed: number; readonly fold: ViewFold }>>();
  /** Starts of the panes there are, in order. */
  readonly #starts: number[] = [];
  readonly #spare: ViewFold[] = [];
  #rows = 0;
  /** Rows that the windows keep besides. */
  otherRows = 0;

  constructor(view: ViewDefinition, paneMs: number, name: string, maxRows: number) {
    this.#view = view;
    this.#paneMs = paneMs;
    this.#name = name;
    this.#maxRows = maxRows;
  }

  /** Starts of the panes that hold something, ascending. A pane is there from its first event on, also a filtered one. */
  get starts(): readonly number[] {
    return this.#starts;
  }

  /** @throws {WindowStateError} when more rows would be open than may be. */
  add(partition: number, run: PaneRun, batch: ColumnarBatch<unknown>, only: MarkedRows | undefined): void {
    let folds = this.#panes.get(run.pane);
    if (folds === undefined) {
      this.#panes.set(run.pane, (folds = new Map()));
      let at = this.#starts.length;
      while (at > 0 && this.#starts[at - 1]! > run.pane) at--;
      this.#starts.splice(at, 0, run.pane);
    }
    // Missed windows are fewer than 2^20: panes a window are bounded.
    const key = partition * 2 ** 20 + run.missed;
    let entry = folds.get(key);
    if (entry === undefined) folds.set(key, (entry = { missed: run.missed, fold: this.#spare.pop() ?? new ViewFold(this.#view, this.#paneMs) }));
    const before = entry.fold.size;
    // A fold reads rows and columns; what else a batch of the log has is not asked for.
    entry.fold.add(batch as ColumnBatch, run.first, run.until, only);
    this.#rows += entry.fold.size - before;
    this.requireRoom();
  }

  /** @throws {WindowStateError} when more rows are open than may be. */
  requireRoom(): void {
    const rows = this.#rows + this.otherRows;
    if (rows > this.#maxRows) throw new WindowStateError(this.#name, rows, this.#maxRows, this.#starts[0] ?? 0);
  }

  /**
   * The rows of panes `[from, until)`, merged by dimensions: of the pane that starts at `from + i * paneMs` only what
   * missed at most `missed(i)` windows.
   */
  merged(from: number, until: number, missed: (index: number) => number): PartialBatch {
    const found: PartialBatch[] = [];
    for (const pane of this.#starts) {
      if (pane < from) continue;
      if (pane >= until) break;
      const most = missed((pane - from) / this.#paneMs);
      for (const entry of this.#panes.get(pane)!.values()) if (entry.missed <= most && entry.fold.size > 0) found.push(entry.fold.all());
    }
    if (found.length === 1) return found[0]!;
    const merger = new PartialMerger(this.#view.cells, { window: () => from });
    for (const each of found) merger.add(each);
    return merger.result();
  }

  /** Forgets every pane that starts before `until`. */
  retireBelow(until: number): void {
    while (this.#starts.length > 0 && this.#starts[0]! < until) {
      const pane = this.#starts.shift()!;
      for (const { fold } of this.#panes.get(pane)!.values()) {
        this.#rows -= fold.size;
        if (this.#spare.length >= SPARE) continue;
        fold.clear();
        this.#spare.push(fold);
      }
      this.#panes.delete(pane);
    }
  }
}
