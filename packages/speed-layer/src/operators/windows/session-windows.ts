import { mergeCell } from "@millrace/core";
import type { CellValue, DimensionValue, MeasureCell, ViewDefinition } from "@millrace/core";
import type { OpenRow } from "./row-presenter.js";
import type { PaneFolds } from "./pane-folds.js";
import type { ClosedWindow, WindowKind } from "./window-kind.js";

interface Session {
  readonly dimensions: readonly DimensionValue[];
  /** Event time of its first and last event. */
  readonly first: number;
  last: number;
  cells: readonly CellValue[];
}

/** The view with two more cells, its first and last event time, which tell whether panes belong to one session. */
export function withEventTimes(view: ViewDefinition): ViewDefinition {
  const cell = (name: string, combine: "min" | "max"): MeasureCell => ({ name, type: "int64", combine, input: { of: "value", column: view.from.eventTime } });
  return { ...view, cells: [...view.cells, cell("__first", "min"), cell("__last", "max")] };
}

/**
 * Runs of events of one key in which each is less than `gapMs` after the one before. In a pane as long as the gap all
 * events of a key belong together, so a session is a chain of panes, and each event is folded once.
 *
 * Once the watermark has passed the end of a pane, its rows join the sessions that are open, and the sessions that end in
 * it, `(from, until]`, are closed together.
 */
export class SessionWindows implements WindowKind {
  readonly windowsOfPane = 1;
  readonly isLateByTime = true;
  readonly paneMs: number;
  readonly #panes: PaneFolds;
  readonly #cells: readonly MeasureCell[];
  /** By key: sessions with an event in a pane that takes no more. */
  readonly #open = new Map<string, Session>();
  /** Sessions by the pane that they end in; those that went on since then are found again under another. */
  readonly #due = new Map<number, Session[]>();
  /** Start of the last pane that was closed. */
  #closed = -Infinity;
  #oldestSession = Infinity;

  /** `view` has the cells that {@link withEventTimes} adds. */
  constructor(panes: PaneFolds, view: ViewDefinition, gapMs: number) {
    this.#panes = panes;
    this.#cells = view.cells.slice(0, -2);
    this.paneMs = gapMs;
  }

  get closedUntil(): number {
    return this.#closed + this.paneMs;
  }

  endsBy(through: number): number {
    // An event in the next pane may still belong to such a session.
    return through + 2 * this.paneMs;
  }

  missedWindows(): readonly Date[] {
    return [];
  }

  close(watermark: number, skipThrough: number): ClosedWindow[] {
    const closed: ClosedWindow[] = [];
    const through = Math.floor(watermark / this.paneMs) * this.paneMs - this.paneMs;
    if (!(through > this.#closed)) return closed;
    for (let pane = this.#nextPane(); pane <= through; pane = this.#nextPane()) {
      const ended = this.#closePane(pane);
      this.#closed = pane;
      this.#panes.retireBelow(pane + this.paneMs);
      // A session that began so early was durable before this reading, and all that were closed with it: what is left of
      // the batch must not take its place.
      const isOld = pane <= skipThrough || ended.some(({ first }) => this.#paneOf(first) <= skipThrough);
      if (!isOld && ended.length > 0) closed.push({ from: pane, until: pane + this.paneMs, rows: ended.map((session) => this.#rowOf(session)) });
    }
    this.#closed = through;
    this.#oldestSession = Infinity;
    for (const { first } of this.#open.values()) this.#oldestSession = Math.min(this.#oldestSession, this.#paneOf(first));
    this.#panes.otherRows = this.#open.size;
    this.#panes.requireRoom();
    return closed;
  }

  get oldestOpen(): number {
    return Math.min(this.#oldestSession, this.#panes.starts[0] ?? Infinity);
  }

  get nextCloseAt(): number {
    return this.#nextPane() + this.paneMs;
  }

  #paneOf(time: number): number {
    return Math.floor(time / this.paneMs) * this.paneMs;
  }

  /** The pane that an end lies in, as `(start, start + gap]`. */
  #paneOfEnd(end: number): number {
    return Math.ceil(end / this.paneMs) * this.paneMs - this.paneMs;
  }

  /** The first pane with events or with an end of a session; Infinity if there is none. */
  #nextPane(): number {
    let next = this.#panes.starts[0] ?? Infinity;
    for (const pane of this.#due.keys()) if (pane < next) next = pane;
    return next;
  }

  /** The sessions that end in a pane, all of whose events are there. */
  #closePane(pane: number): Session[] {
    const ended: Session[] = [];
    const { length, dimensions, cells } = this.#panes.merged(pane, pane + this.paneMs, () => 0);
    const own = this.#cells.length;
    for (let i = 0; i < length; i++) {
      const values = dimensions.map((column) => column[i]!);
      const key = keyOf(values);
      const first = Number(cells[own]![i]);
      const last = Number(cells[own + 1]![i]);
      const open = this.#open.get(key);
      if (open !== undefined && first - open.last < this.paneMs) {
        open.last = last;
        open.cells = this.#cells.map((cell, c) => mergeCell(cell, open.cells[c]!, cells[c]![i]!));
        this.#expect(open);
        continue;
      }
      if (open !== undefined) ended.push(open);
      const session: Session = { dimensions: values, first, last, cells: this.#cells.map((_, c) => cells[c]![i]!) };
      this.#open.set(key, session);
      this.#expect(session);
    }
    for (const session of this.#due.get(pane) ?? []) {
      const key = keyOf(session.dimensions);
      // It may have gone on, or another may have begun.
      if (this.#open.get(key) !== session || this.#paneOfEnd(session.last + this.paneMs) !== pane) continue;
      this.#open.delete(key);
      ended.push(session);
    }
    this.#due.delete(pane);
    return ended;
  }

  #expect(session: Session): void {
    const pane = this.#paneOfEnd(session.last + this.paneMs);
    const due = this.#due.get(pane);
    if (due === undefined) this.#due.set(pane, [session]);
    else due.push(session);
  }

  #rowOf({ first, last, dimensions, cells }: Session): OpenRow {
    return { start: first, end: last + this.paneMs, dimensions, cells };
  }
}

/** Different for different values; an integer is the same as number and as bigint. */
function keyOf(values: readonly DimensionValue[]): string {
  return JSON.stringify(values.map((value) => (typeof value === "number" || typeof value === "bigint" ? `n${value}` : typeof value === "string" ? `t${value}` : value)));
}
