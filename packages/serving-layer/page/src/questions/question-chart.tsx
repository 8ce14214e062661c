import { useMemo } from "preact/hooks";
import { barChart } from "../charts/bar-chart.js";
import { Chart } from "../charts/chart.js";
import { timeChart } from "../charts/time-chart.js";
import { usePalette } from "../charts/use-palette.js";
import { sayBars } from "../panels/bars-panel.js";
import { formatValue } from "../text/format-number.js";
import { windowLabel } from "../text/format-time.js";
import { labelOf } from "../text/label-of.js";
import type { QuestionShape } from "./question-shape.js";

interface QuestionChartProps {
  readonly title: string;
  readonly shape: Exclude<QuestionShape, { readonly kind: "none" }>;
  readonly granularity: string;
  readonly zone: string;
  /** Whether the last window is still going on. */
  readonly open: boolean;
}

/** Bars beyond so many windows are thinner than what separates them. */
const MOST_BAR_WINDOWS = 40;

/** An answer as a picture. */
export function QuestionChart({ title, shape, granularity, zone, open }: QuestionChartProps) {
  const palette = usePalette();
  const drawn = useMemo(() => {
    const colourOf = (i: number) => palette.series[i % palette.series.length]!;
    if (shape.kind === "figures") return undefined;
    const series = shape.series.map(({ name, values }, i) => ({ name: shape.series.length === 1 ? labelOf(name) : name, colour: colourOf(i), values }));
    if (shape.kind === "bars") {
      const data = { categories: shape.categories, series, together: undefined, direction: shape.direction, nameWidth: matchMedia("(max-width: 640px)").matches ? 130 : 290, format: "number" } as const;
      return { option: barChart(data, palette), label: sayBars(title, data) };
    }
    const style = shape.windows.length * series.length <= MOST_BAR_WINDOWS * 2 && shape.windows.length <= MOST_BAR_WINDOWS ? "bars" : "lines";
    const last = shape.windows.length - 1;
    const option = timeChart({ windows: shape.windows, series, granularity, zone, style, together: undefined, format: "number", open }, palette);
    return { option, label: `${title}: ${shape.windows.length} windows by ${granularity}. At ${windowLabel(zone, shape.windows[last]!, granularity)}: ${series.map(({ name, values }) => `${name} ${formatValue(values[last])}`).join(", ")}.` };
  }, [shape, palette, granularity, zone, open, title]);
  if (shape.kind === "figures") {
    return (
      <dl class="figures">
        {shape.values.map(({ name, value }) => (
          <div key={name}>
            <dt>{labelOf(name)}</dt>
            <dd class="figure">{formatValue(value)}</dd>
          </div>
        ))}
      </dl>
    );
  }
  const across = shape.kind === "bars" && shape.direction === "across";
  return (
    <>
      <Chart key={`${shape.kind} ${across}`} option={drawn!.option} label={drawn!.label} className={across ? `across rows-${Math.min(5, Math.ceil(shape.categories.length / 4))}` : ""} />
      {shape.note === undefined ? null : <p class="elsewhere">{shape.note}</p>}
    </>
  );
}
