import type { OpenRow } from "./row-presenter.js";

/** What was closed together: one sink batch of results. */
export interface ClosedWindow {
  /** `[from, until)`, epoch ms. */
  readonly from: number;
  readonly until: number;
  readonly rows: OpenRow[];
}

/** How event time is cut into windows, and when they close. Everything in panes: slices of event time. */
export interface WindowKind {
  readonly paneMs: number;
  /** Windows that each pane lies in. */
  readonly windowsOfPane: number;
  /** An event is late when its own time is, not when its pane's windows are: for sessions, whose ends move. */
  readonly isLateByTime: boolean;
  /** Every pane that ends by it takes no more events: it was closed, or part of it was. */
  readonly closedUntil: number;
  /** Panes that end by it may be of a window that began at or before `through` (a pane's start). */
  endsBy(through: number): number;
  /** Starts of the `missed` oldest windows that a pane lies in. */
  missedWindows(pane: number, missed: number): readonly Date[];
  /** What the watermark closes, oldest first, and forgets it. What holds a window that began at or before `skipThrough` (a pane's start) is left out. */
  close(watermark: number, skipThrough: number): ClosedWindow[];
  /** The pane in which the oldest thing begins that is still open; Infinity if nothing is. */
  readonly oldestOpen: number;
  /** The watermark that closes the next thing; Infinity if nothing is open. */
  readonly nextCloseAt: number;
}
