import type { ValueFormat } from "../../../src/dashboard/dashboard.js";
import { formatValue } from "../text/format-number.js";
import type { EChartsCoreOption } from "./echarts.js";
import type { Palette } from "./palette.js";
import { tooltip, tooltipFrame } from "./tooltip.js";

export interface Share {
  readonly name: string;
  readonly colour: string;
  readonly value: number;
  readonly share: number;
}

export function pieChart(shares: readonly Share[], format: ValueFormat, palette: Palette): EChartsCoreOption {
  return {
    tooltip: {
      ...tooltipFrame,
      trigger: "item",
      formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
        const { name, colour, value, share } = shares[dataIndex]!;
        return tooltip(name, [{ colour, name: formatValue(share, "percent"), value: formatValue(value, format) }]);
      },
    },
    series: [
      {
        id: "shares",
        type: "pie",
        radius: ["62%", "94%"],
        center: ["50%", "50%"],
        label: { show: false },
        labelLine: { show: false },
        emphasis: { scale: false, itemStyle: { opacity: 0.85 } },
        itemStyle: { borderColor: palette.card, borderWidth: 2 },
        data: shares.map(({ name, colour, value }) => ({ name, value, itemStyle: { color: colour } })),
      },
    ],
  };
}
