import type { OpenRow } from "./row-presenter.js";
import type { PaneFolds } from "./pane-folds.js";
import type { ClosedWindow, WindowKind } from "./window-kind.js";

/**
 * Windows of one length that start at the multiples of `hopMs`. Each event is folded once, into the pane of its hop; a
 * window is the merge of its panes ("No pane, no gain", J. Li et al., SIGMOD Record 34(1), 2005).
 */
export class TimeWindows implements WindowKind {
  readonly paneMs: number;
  readonly windowsOfPane: number;
  readonly isLateByTime = false;
  readonly #sizeMs: number;
  readonly #panes: PaneFolds;
  /** Start of the last window that was closed. */
  #closed = -Infinity;

  constructor(panes: PaneFolds, sizeMs: number, hopMs: number) {
    this.#panes = panes;
    this.#sizeMs = sizeMs;
    this.paneMs = hopMs;
    this.windowsOfPane = sizeMs / hopMs;
  }

  get closedUntil(): number {
    return this.#closed + this.#sizeMs;
  }

  endsBy(through: number): number {
    return through + this.#sizeMs;
  }

  missedWindows(pane: number, missed: number): readonly Date[] {
    const oldest = pane - this.#sizeMs + this.paneMs;
    return Array.from({ length: missed }, (_, i) => new Date(oldest + i * this.paneMs));
  }

  close(watermark: number, skipThrough: number): ClosedWindow[] {
    const { paneMs } = this;
    const sizeMs = this.#sizeMs;
    const through = Math.floor((watermark - sizeMs) / paneMs) * paneMs;
    const closed: ClosedWindow[] = [];
    if (!(through > this.#closed)) return closed;
    for (let start = this.#next(this.#closed + paneMs); start <= through; start = this.#next(start + paneMs)) {
      if (start > skipThrough) closed.push(this.#window(start));
    }
    this.#closed = through;
    this.#panes.retireBelow(through + paneMs);
    return closed;
  }

  get oldestOpen(): number {
    return this.#panes.starts.length === 0 ? Infinity : Math.max(this.#closed + this.paneMs, this.#panes.starts[0]! - this.#sizeMs + this.paneMs);
  }

  get nextCloseAt(): number {
    return this.#next(this.#closed + this.paneMs) + this.#sizeMs;
  }

  /** Start of the first window at or after `start` that has a pane; Infinity without one. */
  #next(start: number): number {
    for (const pane of this.#panes.starts) if (pane >= start) return Math.max(start, pane - this.#sizeMs + this.paneMs);
    return Infinity;
  }

  #window(start: number): ClosedWindow {
    const until = start + this.#sizeMs;
    // The i-th pane of a window has it as its (panes - i)-th oldest: those that missed fewer are in it.
    const { length, dimensions, cells } = this.#panes.merged(start, until, (index) => this.windowsOfPane - 1 - index);
    const rows: OpenRow[] = new Array<OpenRow>(length);
    for (let i = 0; i < length; i++) {
      rows[i] = { start, end: until, dimensions: dimensions.map((values) => values[i]!), cells: cells.map((values) => values[i]!) };
    }
    return { from: start, until, rows };
  }
}
