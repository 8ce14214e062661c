import type { ValueFormat } from "../../../src/dashboard/dashboard.js";
import { formatValue, NONE } from "../text/format-number.js";
import { registerMap, type EChartsCoreOption } from "./echarts.js";
import type { Palette } from "./palette.js";
import { tooltip, tooltipFrame } from "./tooltip.js";

/** Code -> full name, of the places of a map. */
export type Places = ReadonlyMap<string, string>;

let usStates: Promise<Places> | undefined;

/** Loads and registers the map of the US states, once. */
export function loadUsStates(): Promise<Places> {
  return (usStates ??= import("map:us-states").then(({ default: shapes }) => {
    registerMap("us-states", shapes as unknown as Parameters<typeof registerMap>[1]);
    return new Map(shapes.features.map(({ properties: { name, fullName } }) => [name, fullName]));
  }));
}

export function mapChart(values: ReadonlyMap<string, number>, places: Places, name: string, format: ValueFormat, palette: Palette): EChartsCoreOption {
  const most = Math.max(0, ...values.values());
  return {
    tooltip: {
      ...tooltipFrame,
      trigger: "item",
      formatter: ({ name: code }: { readonly name: string }) => {
        const value = values.get(code);
        return tooltip(places.get(code) ?? code, [{ name, value: value === undefined ? NONE : formatValue(value, format) }]);
      },
    },
    visualMap: { show: false, min: 0, max: most || 1, inRange: { color: [palette.scaleLow, palette.scaleHigh] } },
    series: [
      {
        id: "places",
        type: "map",
        map: "us-states",
        aspectScale: 1,
        left: 0,
        right: 0,
        top: 4,
        bottom: 4,
        preserveAspect: "contain",
        roam: false,
        selectedMode: false,
        label: { show: false },
        itemStyle: { areaColor: palette.line, borderColor: palette.card, borderWidth: 1 },
        emphasis: { label: { show: false }, itemStyle: { areaColor: palette.speed } },
        data: [...values].map(([code, value]) => ({ name: code, value })),
      },
    ],
  };
}
