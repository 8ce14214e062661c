import type { Chart } from "../chart.js";
import { TIME_COLUMN } from "../dataset.js";
import type { ChartData } from "../superset-rest.js";
import type { ViewRow } from "./made-up-views.js";

/** What a chart shows of a view's rows, within the time that Superset has asked for. */
export function foldChart({ groupBy, grain, metric }: Chart, of: readonly ViewRow[], { from_dttm, to_dttm }: Pick<ChartData, "from_dttm" | "to_dttm">): readonly Readonly<Record<string, string | number>>[] {
  const lengthMs = { PT1M: 60_000, PT1H: 3_600_000, P1D: 86_400_000 }[grain ?? ""] ?? 1;
  const found = new Map<string, Record<string, string | number>>();
  for (const row of of) {
    const at = row[TIME_COLUMN];
    if (at < (from_dttm ?? -Infinity) || at >= (to_dttm ?? Infinity)) continue;
    const key = Object.fromEntries(groupBy.map((name) => [name, name === TIME_COLUMN ? Math.floor(at / lengthMs) * lengthMs : name === "state_code" ? `US-${row["state"]}` : row[name]!]));
    const group = found.get(JSON.stringify(key)) ?? { ...key, [metric]: 0 };
    group[metric] = Number(group[metric]) + Number(row[metric]);
    found.set(JSON.stringify(key), group);
  }
  return [...found.values()];
}

/** Rows as texts, in an order of their own. */
export const inOrder = (of: readonly Readonly<Record<string, unknown>>[]): readonly string[] => of.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
