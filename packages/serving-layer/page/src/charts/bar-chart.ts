import type { ValueFormat } from "../../../src/dashboard/dashboard.js";
import { formatCompact, formatValue, toNumber } from "../text/format-number.js";
import type { EChartsCoreOption } from "./echarts.js";
import { FONT } from "./font.js";
import type { Palette } from "./palette.js";
import { tooltip, tooltipFrame } from "./tooltip.js";

export interface BarSeries {
  readonly name: string;
  readonly colour: string;
  /** Of each category, as the answer has it; null where it has none. */
  readonly values: readonly unknown[];
}

export interface BarChartData {
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  /** What the sum of the series is called; undefined where they stand side by side. */
  readonly together: string | undefined;
  readonly direction: "up" | "across";
  /** Room for names beside bars that go across, px. Default 150. */
  readonly nameWidth?: number;
  readonly format: ValueFormat;
}

/** Groups of bars, of which the first category is the leftmost or the topmost. */
export function barChart({ categories, series, together, direction, nameWidth = 150, format }: BarChartData, palette: Palette): EChartsCoreOption {
  const across = direction === "across";
  const total = (at: number) => series.reduce((sum, { values }) => sum + toNumber(values[at]), 0);
  const text = { color: palette.muted, fontFamily: FONT, fontSize: 11 };
  const names = {
    type: "category",
    data: categories.map((_, at) => String(at)),
    inverse: across,
    axisLine: { show: !across, lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { ...text, color: palette.ink, margin: 8, interval: 0, formatter: (index: string) => categories[Number(index)] ?? "", overflow: "truncate", ...(across ? { width: nameWidth } : { hideOverlap: true, width: Math.max(40, Math.floor(420 / Math.max(1, categories.length))) }) },
  };
  const values = {
    type: "value",
    splitNumber: across ? 3 : 4,
    axisLabel: { ...text, margin: 8, hideOverlap: true, formatter: (value: number) => formatCompact(value, format) },
    splitLine: { lineStyle: { color: palette.line, width: 1 } },
    axisLine: { show: false },
    axisTick: { show: false },
  };
  return {
    grid: { left: 4, right: across ? 52 : 8, top: across ? 2 : 16, bottom: 2, containLabel: true },
    xAxis: across ? values : names,
    yAxis: across ? names : values,
    tooltip: {
      ...tooltipFrame,
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: palette.ink, opacity: 0.05 } },
      formatter: (points: readonly { readonly dataIndex: number }[]) => {
        const at = points[0]?.dataIndex ?? 0;
        const own = series.filter((one) => one.values[at] !== null && one.values[at] !== undefined);
        return tooltip(categories[at] ?? "", [
          ...own.map(({ name, colour, values: of }) => ({ colour, name, value: formatValue(of[at], format) })),
          ...(together !== undefined && own.length > 1 ? [{ name: together, value: formatValue(total(at), format), strong: true }] : []),
        ]);
      },
    },
    series: series.map(({ name, colour, values: of }, i) => {
      const last = together === undefined || i === series.length - 1;
      return {
        id: String(i),
        name,
        type: "bar",
        barMaxWidth: across ? 16 : 44,
        barCategoryGap: across ? "36%" : "32%",
        barGap: "10%",
        ...(together === undefined ? {} : { stack: "all" }),
        itemStyle: { color: colour },
        // Where bars are stacked the sum stands at the end of the last one, also where that one is empty.
        label: {
          show: last,
          position: across ? "right" : "top",
          ...text,
          formatter: ({ dataIndex }: { readonly dataIndex: number }) => formatCompact(together === undefined ? toNumber(of[dataIndex]) : total(dataIndex), format),
        },
        data: of.map((value) => (value === null || value === undefined ? (together === undefined ? null : 0) : toNumber(value))),
      };
    }),
  };
}
