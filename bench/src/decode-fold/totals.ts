/** Of a view's rows: how many, the sum of their counts, and the sum of the squares of these. */
export type RowTotals = readonly [rows: number, events: number, squares: number];

/** What the five views add up to: engines that agree on it have counted the same. */
export interface Totals {
  readonly minute: RowTotals;
  readonly song: RowTotals;
  readonly artist: RowTotals;
  readonly state: RowTotals;
  /** Distinct users of each minute, in the order of minutes; `sketched` where they are estimates. */
  readonly users: readonly number[];
  readonly sketched: boolean;
}

export function rowTotals(counts: Iterable<number>): RowTotals {
  let rows = 0;
  let events = 0;
  let squares = 0;
  for (const count of counts) {
    rows++;
    events += count;
    squares += count * count;
  }
  return [rows, events, squares];
}

/** Six standard errors of the sketch: 1.04 / sqrt(4096) each. */
const SKETCH_BOUND = 6 * 0.01625;

/** @throws {Error} naming the first difference. */
export function checkTotals(engine: string, found: Totals, expected: Totals): void {
  for (const view of ["minute", "song", "artist", "state"] as const) {
    if (String(found[view]) !== String(expected[view])) throw new Error(`checking ${engine}: view "${view}" adds up to ${String(found[view])}, not ${String(expected[view])}`);
  }
  if (found.users.length !== expected.users.length) throw new Error(`checking ${engine}: ${found.users.length} minutes have users, not ${expected.users.length}`);
  found.users.forEach((users, minute) => {
    const exact = expected.users[minute]!;
    const bound = found.sketched ? exact * SKETCH_BOUND : 0;
    if (Math.abs(users - exact) > bound) throw new Error(`checking ${engine}: minute ${minute} has ${users} users, not ${exact}`);
  });
}
