import type { ValueFormat } from "../../../src/dashboard/dashboard.js";
import { formatCompact, formatValue, toNumber } from "../text/format-number.js";
import { clockTime, dayOf, partsIn, windowLabel } from "../text/format-time.js";
import type { EChartsCoreOption } from "./echarts.js";
import type { Palette } from "./palette.js";
import { FONT } from "./font.js";
import { tooltip, tooltipFrame } from "./tooltip.js";

export interface TimeSeries {
  readonly name: string;
  readonly colour: string;
  /** Of each window, as the answer has it; null where it has none. */
  readonly values: readonly unknown[];
}

export interface TimeChartData {
  /** Starts of the windows, epoch ms, growing. */
  readonly windows: readonly number[];
  readonly series: readonly TimeSeries[];
  readonly granularity: string;
  readonly zone: string;
  readonly style: "bars" | "lines";
  /** What the sum of the series is called; undefined where they are not stacked. */
  readonly together: string | undefined;
  /** Whether an area is made of its windows, side by side: where layers take turns at a cut, no slope between two windows is theirs. */
  readonly stepped?: boolean;
  readonly format: ValueFormat;
  /** Whether the last window is still going on. */
  readonly open: boolean;
}

export function timeChart({ windows, series, granularity, zone, style: wanted, together, stepped = false, format, open }: TimeChartData, palette: Palette): EChartsCoreOption {
  const style = stepped ? "bars" : wanted;
  const gaps = wanted === "bars" ? { barCategoryGap: windows.length > 120 ? "8%" : "28%", barMaxWidth: 26 } : { barCategoryGap: "0%" };
  const labels = axisLabels(windows, granularity, zone);
  return {
    grid: { left: 4, right: 8, top: 10, bottom: 2, containLabel: true },
    xAxis: {
      type: "category",
      data: windows.map(String),
      boundaryGap: style === "bars",
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { color: palette.muted, fontFamily: FONT, fontSize: 11, hideOverlap: true, margin: 10, interval: (index: number) => labels.has(index), formatter: (_: string, index: number) => labels.get(index) ?? "" },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      axisLabel: { color: palette.muted, fontFamily: FONT, fontSize: 11, margin: 10, formatter: (value: number) => formatCompact(value, format) },
      splitLine: { lineStyle: { color: palette.line, width: 1 } },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    tooltip: {
      ...tooltipFrame,
      trigger: "axis",
      axisPointer: style === "bars" ? { type: "shadow", shadowStyle: { color: palette.ink, opacity: 0.05 } } : { type: "line", lineStyle: { color: palette.muted, type: "solid", width: 1 } },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const at = points[0]?.dataIndex ?? 0;
        const own = series.filter(({ values }) => values[at] !== null && values[at] !== undefined);
        const total = own.reduce((sum, { values }) => sum + toNumber(values[at]), 0);
        return tooltip(`${windowLabel(zone, windows[at]!, granularity)}${open && at === windows.length - 1 ? " · so far" : ""}`, [
          ...own.map(({ name, colour, values }) => ({ colour, name, value: formatValue(values[at], format) })),
          ...(together !== undefined && own.length > 1 ? [{ name: together, value: formatValue(total, format), strong: true }] : []),
        ]);
      },
    },
    series: series.flatMap(({ name, colour, values }, i): readonly object[] => {
      const data = values.map((value, at) => {
        const number = value === null || value === undefined ? null : toNumber(value);
        return open && style === "bars" && at === windows.length - 1 ? { value: number, itemStyle: { opacity: 0.55 } } : number;
      });
      const common = { id: String(i), name, data, ...(together === undefined ? {} : { stack: "all" }), itemStyle: { color: colour } };
      if (style === "bars") return [{ ...common, type: "bar", ...gaps }];
      // A point between two gaps is no line.
      const line = { ...common, type: "line", lineStyle: { width: together === undefined ? 2 : 0, color: colour }, showSymbol: windows.length < 4 || data.includes(null), symbolSize: 5, connectNulls: false, ...(together === undefined ? {} : { areaStyle: { color: colour, opacity: 0.75 } }) };
      if (!open || windows.length < 2) return [line];
      // A window that is going on has little of its value yet: the line to it is another one.
      const last = windows.length - 1;
      return [
        { ...line, showSymbol: windows.length < 4, data: data.map((value, at) => (at === last ? null : value)) },
        {
          ...line,
          id: `${i} so far`,
          ...(together === undefined ? {} : { stack: "so far", areaStyle: { color: colour, opacity: 0.35 } }),
          data: data.map((value, at) => (at < last - 1 ? null : value)),
          showSymbol: false,
          lineStyle: { width: together === undefined ? 1.5 : 0, color: colour, type: [3, 4], opacity: 0.7 },
        },
      ];
    }),
  };
}

/** Steps between labels, in windows of the clock: seconds, minutes, hours, days. */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400].map((seconds) => seconds * 1_000);

/** Labels at round times of the zone's clock, some ten of them; a label says the day where it changes. */
function axisLabels(windows: readonly number[], granularity: string, zone: string): ReadonlyMap<number, string> {
  const labels = new Map<number, string>();
  const first = windows[0];
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return labels;
  if (!["second", "minute", "hour"].includes(granularity)) {
    const every = Math.max(1, Math.ceil(windows.length / 10));
    windows.forEach((start, i) => {
      if (i % every === 0) labels.set(i, granularity === "day" || granularity === "week" ? dayOf(zone, start) : windowLabel(zone, start, granularity));
    });
    return labels;
  }
  const step = STEPS_MS.find((candidate) => (last - first) / candidate <= 10) ?? Math.ceil((last - first) / 10 / 86_400_000) * 86_400_000;
  windows.forEach((start, i) => {
    const { hour, minute, second } = partsIn(zone, start);
    const inDay = ((hour * 60 + minute) * 60 + second) * 1_000;
    if (inDay % Math.min(step, 86_400_000) !== 0) return;
    labels.set(i, inDay === 0 ? dayOf(zone, start) : clockTime(zone, start, step < 60_000));
  });
  return labels;
}
