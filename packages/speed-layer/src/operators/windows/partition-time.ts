/** The first record of a partition that reached a pane: the first of its partition with an event time so new. */
interface Step {
  readonly offset: number;
  readonly pane: number;
}

/**
 * Event time in one partition. It is a function of the log from any of its steps on: no record before a step has an event
 * time in the step's pane or after it. So a restart at a step knows the partition's newest event time, and which
 * windows it finds whole: those that begin after the step's pane.
 */
export class PartitionTime {
  /** Newest event time seen. */
  newest = -Infinity;
  /** Its pane. */
  pane = -Infinity;
  /** Where the reading began, and where it stands. */
  readonly start: number;
  position: number;
  /** The first row was seen, or there is nothing before it that a restart could have left out. */
  hasBegun = false;
  /** Broker time of the last row. */
  lastAppendedAt = Infinity;
  /** The log shows a pause in which an earlier reading may not have waited for this partition. */
  mayHaveBeenIdle: boolean;
  /** Since when the partition has been read to its end, by the clock; undefined while there is more. */
  caughtUpSince: number | undefined;
  /** Offset below which all records are folded and not too far ahead of the others. */
  released: number;
  /** Where a restart begins, as was told last. */
  until: number;
  /** `released`, as was told last. */
  toldReleased = NaN;
  /** Ends of batches that are ahead of the other partitions. */
  readonly #ahead: { readonly position: number; readonly newest: number }[] = [];
  #steps: Step[] = [];

  constructor(start: number) {
    this.start = start;
    this.position = start;
    this.released = start;
    this.until = start;
    // Nothing is known of what was before the first row.
    this.mayHaveBeenIdle = start === 0;
  }

  step(offset: number, pane: number): void {
    this.pane = pane;
    this.#steps.push({ offset, pane });
  }

  /** Offset of the last step; the start of reading before the first one. */
  get lastStep(): number {
    return this.#steps.at(-1)?.offset ?? this.start;
  }

  /** Where a restart must begin when everything that began before `oldestOpen` is durable: at the last step before it. */
  restartAt(oldestOpen: number): number {
    let at = -1;
    while (at + 1 < this.#steps.length && this.#steps[at + 1]!.pane < oldestOpen) at++;
    if (at > 0) this.#steps = this.#steps.slice(at);
    return at < 0 ? this.start : this.#steps[0]!.offset;
  }

  /** The batch that ends here is folded. */
  fold(position: number): void {
    this.position = position;
    this.#ahead.push({ position, newest: this.newest });
  }

  /** Records with event times up to `newest` need not wait for other partitions. */
  release(newest: number): void {
    while (this.#ahead.length > 0 && this.#ahead[0]!.newest <= newest) this.released = this.#ahead.shift()!.position;
  }
}
