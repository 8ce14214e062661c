import { DateTime } from "luxon";
import { presentValue, sketchEntries, zeroOf, type ViewDefinition } from "@millrace/core";
import type { AnyQuery } from "../query/query.js";
import { foldPlays, type Play } from "./plays.js";
import { everyMsOf } from "./world.js";

/**
 * A query answered by folding the events themselves, the plain way: the oracle of every answer. Windows are luxon's,
 * text orders by the bytes of its buffer.
 */
export function naiveAnswer(view: ViewDefinition, events: readonly Play[], query: AnyQuery): Record<string, unknown>[] {
  const { granularity = view.every, zone = "UTC", by = view.by, where = {} } = query;
  const everyMs = everyMsOf(view);
  const base = (ts: number) => Math.floor(ts / everyMs) * everyMs;
  const windowOf = (ts: number) => (granularity === "all" ? 0 : DateTime.fromMillis(base(ts), { zone }).startOf(granularity).toMillis());
  const kept = events.filter((play) => {
    if (base(play.ts) < Number(query.from) || base(play.ts) >= Number(query.until)) return false;
    return Object.entries(where).every(([name, given]) => {
      const value = presentValue(view.from.columns[name]!, play[name as keyof Play] as string);
      return (Array.isArray(given) ? given : [given]).some((one) => one === value);
    });
  });
  const groups = foldPlays(view, kept, windowOf, by, sketchEntries);
  if (query.fill === "zero") {
    const keys = by.length === 0 ? [[]] : [...new Map(groups.map(({ dimensions }) => [JSON.stringify(dimensions), dimensions])).values()];
    // A total over a range without a window is still a total.
    const windows = new Set<number>(granularity === "all" ? [0] : []);
    for (let at = Math.ceil(Number(query.from) / everyMs) * everyMs; at < Number(query.until); at += everyMs) windows.add(windowOf(at));
    for (const dimensions of keys) {
      for (const window of windows) {
        if (groups.some((group) => group.window === window && JSON.stringify(group.dimensions) === JSON.stringify(dimensions))) continue;
        groups.push({ window, dimensions, cells: view.cells.map((cell) => zeroOf(cell)) });
      }
    }
  }
  const rows = groups.map(({ window, dimensions, cells }) => {
    const row: Record<string, unknown> = granularity === "all" ? {} : { window: new Date(window) };
    by.forEach((name, d) => (row[name] = presentValue(view.from.columns[name]!, dimensions[d]!)));
    let at = 0;
    for (const measure of view.measures) row[measure.name] = measure.present(cells.slice(at, (at += measure.cells.length)));
    return row;
  });
  const [column, direction] = (query.orderBy ?? "window asc").split(" ");
  const byWindow = query.orderBy === undefined || query.limitPerWindow !== undefined;
  const sign = direction === "desc" ? -1 : 1;
  rows.sort(
    (a, b) =>
      (byWindow ? (column === "window" ? sign : 1) * compare(a["window"], b["window"]) : 0) ||
      nullsLast(a[column!], b[column!], sign) ||
      by.reduce((before, name) => before || nullsLast(a[name], b[name], 1), 0) ||
      compare(a["window"], b["window"]),
  );
  const inWindow = new Map<number, number>();
  return rows
    .filter(({ window }) => {
      const before = inWindow.get(Number(window)) ?? 0;
      inWindow.set(Number(window), before + 1);
      return before < (query.limitPerWindow ?? Infinity);
    })
    .slice(0, query.limit);
}

function nullsLast(a: unknown, b: unknown, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return sign * compare(a, b);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return 0;
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}
