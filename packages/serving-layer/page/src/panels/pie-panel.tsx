import { useMemo } from "preact/hooks";
import type { PiePanel } from "../../../src/dashboard/dashboard.js";
import { Chart } from "../charts/chart.js";
import { pieChart } from "../charts/pie-chart.js";
import { usePalette } from "../charts/use-palette.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatKey, formatValue, toNumber } from "../text/format-number.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";

/** Shares of a whole. The whole is asked for itself, so that what has no share of its own is told, too. */
export function PiePanelView({ panel }: { readonly panel: PiePanel }) {
  const palette = usePalette();
  const { range, ask } = usePanelQuestion(panel);
  const largest = useLive(ask({ by: panel.by, granularity: "all", orderBy: `${panel.measure} desc`, limit: panel.limit ?? 8 }));
  const whole = useLive(ask({ by: [], granularity: "all" }));
  const shares = useMemo(() => {
    if (largest.state.kind !== "answer" || whole.state.kind !== "answer") return [];
    const parts = largest.state.answer.rows.map((row) => ({ name: panel.by.map((name) => formatKey(row[name])).join(" · "), value: toNumber(row[panel.measure]) }));
    const told = parts.reduce((sum, { value }) => sum + value, 0);
    // The two answers arrive one after the other: a whole that is not up to date yet is none.
    const total = Math.max(told, toNumber(whole.state.answer.rows[0]?.[panel.measure] ?? 0));
    const all = parts.length === (panel.limit ?? 8) && total > told ? [...parts, { name: "All others", value: total - told }] : parts;
    const sum = all.reduce((so, { value }) => so + value, 0);
    // Which colour is whose does not change with their sizes.
    const names = parts.map(({ name }) => name).sort();
    return all.map(({ name, value }) => ({ name, value, share: sum === 0 ? 0 : value / sum, colour: palette.series[names.indexOf(name)] ?? palette.muted }));
  }, [largest.state, whole.state, palette, panel.measure, panel.limit, panel.by]);
  const option = useMemo(() => pieChart(shares, panel.format ?? "number", palette), [shares, palette, panel.format]);
  return (
    <PanelCard title={panel.title} note={panel.note ?? describeRange(range).replace(/^./, (first) => first.toUpperCase())} size={panel.size ?? "third"} kind="pie" watched={[largest, whole]} empty={shares.length === 0}>
      <div class="pie">
        <Chart option={option} label={`${panel.title}: ${shares.map(({ name, share }) => `${name} ${formatValue(share, "percent")}`).join(", ")}`} />
        <table class="shares">
          <caption class="hidden">{panel.title}</caption>
          <tbody>
            {shares.map(({ name, value, share, colour }) => (
              <tr key={name}>
                <td class="key">
                  <span class="mark" style={{ background: colour }} />
                  {name}
                </td>
                <td class="number">{formatValue(value, panel.format)}</td>
                <td class="number soft">{formatValue(share, "percent")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </PanelCard>
  );
}
