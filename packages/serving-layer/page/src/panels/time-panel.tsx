import { useMemo } from "preact/hooks";
import type { TimePanel } from "../../../src/dashboard/dashboard.js";
import { Chart } from "../charts/chart.js";
import { timeChart, type TimeSeries } from "../charts/time-chart.js";
import { usePalette } from "../charts/use-palette.js";
import type { AnyRow } from "../services/live-connection.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatKey, formatValue, toNumber } from "../text/format-number.js";
import { windowLabel } from "../text/format-time.js";
import { labelOf } from "../text/label-of.js";
import type { TableData } from "./data-table.js";
import { LayerLegend } from "./layer-legend.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";
import { sameKey } from "./same-key.js";
import { SeriesLegend } from "./series-legend.js";

const SERIES = 6;

/** Measures over time: one, one by layer, several, or one by the largest values of a dimension. */
export function TimePanelView({ panel }: { readonly panel: TimePanel }) {
  const palette = usePalette();
  const { settings, range, granularity, ask } = usePanelQuestion(panel);
  const measures = typeof panel.measure === "string" ? [panel.measure] : panel.measure;
  const stack = measures.length === 1 ? panel.stack : undefined;
  const layers = stack === "layers";
  const by = stack === undefined || stack === "layers" ? undefined : stack.by;
  const most = (stack !== undefined && stack !== "layers" ? stack.limit : undefined) ?? SERIES;

  // The largest groups of the range decide which series there are.
  const top = useLive(by === undefined ? undefined : ask({ by: [by], granularity: "all", orderBy: `${measures[0]} desc`, limit: most }));
  const keys = by === undefined || top.state.kind !== "answer" ? undefined : top.state.answer.rows.map((row) => row[by]);
  const rows = useLive(
    by !== undefined && (keys === undefined || keys.length === 0)
      ? undefined
      : ask({ granularity, fill: "zero", ...(by === undefined ? { by: [] } : { by: [by], where: { [by]: keys } }), ...(layers ? { split: true } : {}) }),
  );
  const shown = by !== undefined && keys?.length === 0 ? [top] : by === undefined ? [rows] : [top, rows];

  const data = useMemo(() => {
    if (rows.state.kind !== "answer") return undefined;
    const { answer, until } = rows.state;
    const series = seriesOf(answer.rows, measures, layers, by, keys ?? [], palette);
    return { ...series, granularity, zone: settings.zone, style: panel.style ?? "bars", together: layers ? "Together" : by !== undefined ? "Shown together" : undefined, stepped: layers, format: panel.format ?? "number", open: !("from" in range), until } as const;
  }, [rows.state, palette, granularity, settings.zone, JSON.stringify([measures, layers, by, keys, panel.style, panel.format])]);
  const option = useMemo(() => (data === undefined ? {} : timeChart(data, palette)), [data, palette]);
  const table = data === undefined ? undefined : tableOf(data);
  return (
    <PanelCard
      title={panel.title}
      note={panel.note ?? `By ${granularity}, ${describeRange(range)}`}
      size={panel.size ?? "full"}
      kind="time"
      watched={shown}
      table={table}
      empty={data === undefined || data.windows.length === 0}
      legend={
        layers ? (
          <LayerLegend />
        ) : data !== undefined && data.series.length > 1 ? (
          <SeriesLegend series={data.series} />
        ) : null
      }
    >
      <Chart option={option} label={data === undefined ? panel.title : sayChart(panel.title, data)} />
    </PanelCard>
  );
}

type Shown = { readonly windows: readonly number[]; readonly series: readonly TimeSeries[]; readonly granularity: string; readonly zone: string; readonly together: string | undefined; readonly format: NonNullable<TimePanel["format"]> };

function seriesOf(rows: readonly AnyRow[], measures: readonly string[], layers: boolean, by: string | undefined, keys: readonly unknown[], palette: ReturnType<typeof usePalette>): { readonly windows: readonly number[]; readonly series: readonly TimeSeries[] } {
  const windows = [...new Set(rows.map((row) => (row["window"] as Date).getTime()))].sort((a, b) => a - b);
  const colourOf = (i: number) => palette.series[i % palette.series.length]!;
  if (by === undefined) {
    const inOrder = new Map(rows.map((row) => [(row["window"] as Date).getTime(), row]));
    const values = (of: (row: AnyRow) => unknown) => windows.map((window) => of(inOrder.get(window)!));
    if (!layers) return { windows, series: measures.map((name, i) => ({ name: labelOf(name), colour: colourOf(i), values: values((row) => row[name]) })) };
    const part = (layer: "batch" | "speed") => values((row) => (row["split"] as Record<string, { readonly batch: unknown; readonly speed: unknown }>)[measures[0]!]?.[layer] ?? 0);
    return { windows, series: [{ name: "Batch", colour: palette.batch, values: part("batch") }, { name: "Speed", colour: palette.speed, values: part("speed") }] };
  }
  return {
    windows,
    series: keys.map((key, i) => {
      const own = new Map(rows.filter((row) => sameKey(row[by], key)).map((row) => [(row["window"] as Date).getTime(), row[measures[0]!]]));
      return { name: formatKey(key), colour: colourOf(i), values: windows.map((window) => own.get(window) ?? null) };
    }),
  };
}

function tableOf({ windows, series, granularity, zone, together, format }: Shown): TableData {
  const summed = together !== undefined && series.length > 1;
  return {
    columns: [{ name: "Window" }, ...series.map(({ name }) => ({ name, number: true })), ...(summed ? [{ name: together, number: true }] : [])],
    // The newest first: that is what somebody looks for.
    rows: windows
      .map((start, at) => [
        windowLabel(zone, start, granularity),
        ...series.map(({ values }) => formatValue(values[at], format)),
        ...(summed ? [formatValue(series.reduce((sum, { values }) => sum + toNumber(values[at]), 0), format)] : []),
      ])
      .reverse(),
  };
}

function sayChart(title: string, { windows, series, granularity, zone, format }: Shown): string {
  const last = windows.length - 1;
  if (last < 0) return title;
  return `${title}: ${windows.length} windows by ${granularity}. At ${windowLabel(zone, windows[last]!, granularity)}: ${series.map(({ name, values }) => `${name} ${formatValue(values[last], format)}`).join(", ")}.`;
}
