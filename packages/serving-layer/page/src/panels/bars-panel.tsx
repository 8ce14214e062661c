import { useMemo } from "preact/hooks";
import type { BarsPanel } from "../../../src/dashboard/dashboard.js";
import { barChart, type BarChartData, type BarSeries } from "../charts/bar-chart.js";
import { Chart } from "../charts/chart.js";
import { usePalette } from "../charts/use-palette.js";
import type { AnyRow } from "../services/live-connection.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatKey, formatValue, toNumber } from "../text/format-number.js";
import { labelOf } from "../text/label-of.js";
import type { TableData } from "./data-table.js";
import { LayerLegend } from "./layer-legend.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";
import { sameKey } from "./same-key.js";
import { SeriesLegend } from "./series-legend.js";

/** The largest groups of one dimension: whole, made of both layers where they add up, or split by another dimension. */
export function BarsPanelView({ panel }: { readonly panel: BarsPanel }) {
  const palette = usePalette();
  const { view, range, ask } = usePanelQuestion(panel);
  const { by, measure, split, format = "number" } = panel;
  const layers = split === undefined && view.measures.some(({ name, addsUp }) => name === measure && addsUp);
  const largest = (of: string, limit: number) => ({ by: [of], granularity: "all", orderBy: `${measure} desc`, limit });
  const mostGroups = panel.limit ?? 10;
  const mostParts = split?.limit ?? 6;
  const groups = useLive(ask({ ...largest(by, mostGroups), ...(layers ? { split: true } : {}) }));
  const parts = useLive(split === undefined ? undefined : ask(largest(split.by, mostParts)));
  const keys = groups.state.kind === "answer" ? groups.state.answer.rows.map((row) => row[by]) : undefined;
  const ofParts = split === undefined || parts.state.kind !== "answer" ? undefined : inOrderOfNames(parts.state.answer.rows.map((row) => row[split.by]));
  const none = keys?.length === 0 || ofParts?.length === 0;
  // Where there are more values than are shown, those alone are asked for. Where all are, one that comes is no other question.
  const only = (name: string, values: readonly unknown[], limit: number) => (values.length < limit ? {} : { [name]: values });
  const pairs = useLive(
    split === undefined || keys === undefined || ofParts === undefined || none
      ? undefined
      : ask({ by: [by, split.by], granularity: "all", where: { ...only(by, keys, mostGroups), ...only(split.by, ofParts, mostParts) } }),
  );

  const data = useMemo((): BarChartData | undefined => {
    if (groups.state.kind !== "answer") return undefined;
    const { rows } = groups.state.answer;
    const common = { categories: rows.map((row) => formatKey(row[by])), direction: panel.direction ?? "up", format } as const;
    if (split === undefined) return { ...common, series: wholeBars(rows, measure, layers, palette), together: layers ? "Together" : undefined };
    if (ofParts === undefined || pairs.state.kind !== "answer") return undefined;
    const found = pairs.state.answer.rows;
    const series = ofParts.map((part, i): BarSeries => ({
      name: formatKey(part),
      colour: palette.series[i % palette.series.length]!,
      values: rows.map((row) => found.find((pair) => sameKey(pair[by], row[by]) && sameKey(pair[split.by], part))?.[measure] ?? null),
    }));
    return { ...common, series, together: panel.style === "stacked" ? "Shown together" : undefined };
  }, [groups.state, parts.state, pairs.state, palette, JSON.stringify(panel)]);
  const option = useMemo(() => (data === undefined ? {} : barChart(data, palette)), [data, palette]);
  return (
    <PanelCard
      title={panel.title}
      note={panel.note ?? `${labelOf(measure)}, ${describeRange(range)}`}
      size={panel.size ?? "half"}
      kind="bars"
      watched={split === undefined || none ? [groups] : [groups, parts, pairs]}
      empty={none || data === undefined}
      table={data === undefined ? undefined : tableOf(data, labelOf(by), labelOf(measure))}
      legend={layers ? <LayerLegend /> : data === undefined || data.series.length < 2 ? null : <SeriesLegend series={data.series} />}
    >
      <Chart option={option} className={panel.direction === "across" ? `across rows-${Math.min(5, Math.ceil((data?.categories.length ?? 0) / 4))}` : ""} label={data === undefined ? panel.title : sayBars(panel.title, data)} />
    </PanelCard>
  );
}

/** Which colour is whose does not change with their sizes. */
const inOrderOfNames = (values: readonly unknown[]) => [...values].sort((a, b) => (formatKey(a) < formatKey(b) ? -1 : 1));

function wholeBars(rows: readonly AnyRow[], measure: string, layers: boolean, palette: ReturnType<typeof usePalette>): readonly BarSeries[] {
  if (!layers) return [{ name: labelOf(measure), colour: palette.series[0]!, values: rows.map((row) => row[measure]) }];
  const part = (layer: "batch" | "speed") => rows.map((row) => (row["split"] as Record<string, { readonly batch: unknown; readonly speed: unknown }>)[measure]?.[layer] ?? 0);
  return [
    { name: "Batch", colour: palette.batch, values: part("batch") },
    { name: "Speed", colour: palette.speed, values: part("speed") },
  ];
}

function tableOf({ categories, series, together, format }: BarChartData, by: string, measure: string): TableData {
  const summed = together !== undefined && series.length > 1;
  return {
    columns: [{ name: by }, ...(series.length === 1 ? [{ name: measure, number: true }] : series.map(({ name }) => ({ name, number: true }))), ...(summed ? [{ name: together, number: true }] : [])],
    rows: categories.map((category, at) => [
      category,
      ...series.map(({ values }) => formatValue(values[at], format)),
      ...(summed ? [formatValue(series.reduce((sum, { values }) => sum + toNumber(values[at]), 0), format)] : []),
    ]),
  };
}

/** What the bars say, in words. */
export function sayBars(title: string, { categories, series, format }: BarChartData): string {
  return `${title}: ${categories.map((category, at) => `${category} ${series.map(({ name, values }) => `${series.length === 1 ? "" : `${name} `}${formatValue(values[at], format)}`).join(", ")}`).join("; ")}`;
}
