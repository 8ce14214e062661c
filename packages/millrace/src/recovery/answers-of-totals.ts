import { encodeSketch, estimateDistinct, hllCoordinateOfInteger, HLL_RANK_BITS } from "@millrace/core";
import { UnservableError } from "@millrace/serving-layer";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { NaiveFold } from "./fold-of-log.js";

/** A row of the view `totals`, whose processes the recovery tests kill. */
export interface TotalsRow {
  readonly window: Date;
  readonly key: string;
  readonly events: number;
  readonly total: number;
  readonly largest: number | null;
  readonly distinct: number;
}

/** In an order that does not matter, for comparing. */
export const sorted = (rows: readonly TotalsRow[]): readonly TotalsRow[] =>
  [...rows].sort((a, b) => a.window.getTime() - b.window.getTime() || (a.key < b.key ? -1 : 1));

/** What `totals` must answer of a log that holds this. */
export function expectedRows({ totals }: NaiveFold): readonly TotalsRow[] {
  return sorted(
    [...totals].map(([windowAndKey, { events, total, largest, distinct }]) => {
      const [window, key] = windowAndKey.split(" ") as [string, string];
      return { window: new Date(Number(window)), key, events, total, largest, distinct: estimateDistinct(sketchOf(distinct)) };
    }),
  );
}

function sketchOf(values: ReadonlySet<number>): Uint8Array {
  const registers = new Map<number, number>();
  for (const value of values) {
    const coordinate = hllCoordinateOfInteger(value);
    const register = coordinate >> HLL_RANK_BITS;
    registers.set(register, Math.max(registers.get(register) ?? 0, coordinate & (2 ** HLL_RANK_BITS - 1)));
  }
  return encodeSketch("maxByKey", registers);
}

/** While writes go on: at least what lies below the as-of offsets, at most what the log holds. */
export function expectBetween(rows: readonly TotalsRow[], least: NaiveFold, most: NaiveFold): void {
  const seen = new Map(rows.map((row) => [`${row.window.getTime()} ${row.key}`, row]));
  for (const [key, { events, total }] of least.totals) {
    expect(seen.get(key)?.events ?? 0, key).toBeGreaterThanOrEqual(events);
    expect(seen.get(key)?.total ?? 0, key).toBeGreaterThanOrEqual(total);
  }
  for (const [key, { events, total }] of seen) {
    expect(events, key).toBeLessThanOrEqual(most.totals.get(key)?.events ?? 0);
    expect(total, key).toBeLessThanOrEqual(most.totals.get(key)?.total ?? 0);
  }
}

/** Real processes keep real time: asks until there is a result, and gives up after a minute, or `withinMs`, with the last refusal. */
export async function eventually<T>(attempt: () => Promise<T | undefined>, seed: number, withinMs = 60_000): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < giveUpAt) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      if (!(error instanceof UnservableError)) throw error;
      last = error;
    }
    await delay(200);
  }
  throw new Error(`seed ${seed}: nothing after ${withinMs} ms`, { cause: last });
}
