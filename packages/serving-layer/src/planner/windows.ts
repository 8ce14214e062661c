/**
 * The windows of an answer over a bounded range: a few runs of equal length each. A calendar has few of them (a zone's
 * days are one run between two changes of its clocks), so a window's start is arithmetic, in TypeScript as in SQL.
 */
export class Windows {
  readonly #runs: readonly Run[];

  /** `runs` in order; together they cover every instant that {@link startOf} is asked for. */
  constructor(runs: readonly Run[]) {
    this.#runs = runs;
  }

  /** Windows of `lengthMs` that lie on multiples of it since 1970 (UTC), for instants from `from` on. */
  static fixed(lengthMs: number, from: number): Windows {
    return new Windows([{ from: Math.floor(from / lengthMs) * lengthMs, lengthMs }]);
  }

  /** Windows between consecutive `boundaries`, growing epoch ms, of which there are at least two. */
  static between(boundaries: readonly number[]): Windows {
    const runs: Run[] = [];
    for (let i = 0; i + 1 < boundaries.length; i++) {
      const lengthMs = boundaries[i + 1]! - boundaries[i]!;
      if (runs.at(-1)?.lengthMs !== lengthMs) runs.push({ from: boundaries[i]!, lengthMs });
    }
    return new Windows(runs);
  }

  /** Start of the window that an instant (epoch ms) lies in. */
  startOf(instant: number): number {
    const run = this.#runs[this.#runAt(instant)]!;
    return instant - ((instant - run.from) % run.lengthMs);
  }

  /** The same over a SQL expression of epoch ms (BIGINT). */
  sql(epochMs: string): string {
    const within = ({ from, lengthMs }: Run) => `${epochMs} - (${epochMs} - ${from}) % ${lengthMs}`;
    if (this.#runs.length === 1) return within(this.#runs[0]!);
    const cases = this.#runs.slice(1).map((next, i) => `WHEN ${epochMs} < ${next.from} THEN ${within(this.#runs[i]!)}`);
    return `CASE ${cases.join(" ")} ELSE ${within(this.#runs.at(-1)!)} END`;
  }

  /** The starts of the windows that `[from, until)` touches, growing. */
  *starts(from: number, until: number): Iterable<number> {
    for (let start = this.startOf(from), r = this.#runAt(start); start < until; ) {
      yield start;
      start += this.#runs[r]!.lengthMs;
      if (r + 1 < this.#runs.length && start >= this.#runs[r + 1]!.from) r++;
    }
  }

  #runAt(instant: number): number {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#runs[middle]!.from <= instant) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

interface Run {
  /** Start of its first window, epoch ms. */
  readonly from: number;
  readonly lengthMs: number;
}
