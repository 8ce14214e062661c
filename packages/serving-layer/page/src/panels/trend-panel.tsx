import type { TrendPanel } from "../../../src/dashboard/dashboard.js";
import { Spark } from "../charts/spark.js";
import { useLive } from "../services/use-live.js";
import { granularityFor } from "../settings/granularity.js";
import { describeRange, lengthOf } from "../settings/settings.js";
import { formatValue, toNumber } from "../text/format-number.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";

/** One number beside that of the range before, both of whole windows alone, so that they are of equal length. */
export function TrendPanelView({ panel }: { readonly panel: TrendPanel }) {
  const { view, range, settings, ask } = usePanelQuestion(panel);
  const lengthMs = lengthOf(range);
  const now = useLive(ask({ by: [], granularity: "all", fill: "zero" }, { whole: true }));
  const spec = ask({ by: [], granularity: "all", fill: "zero" }, { whole: true, backMs: lengthMs });
  const before = useLive("from" in range ? { ...spec, query: { ...spec.query, from: new Date(Date.parse(range.from) - lengthMs).toISOString(), until: range.from } } : spec);
  const course = useLive(ask({ by: [], granularity: granularityFor(settings.granularity, view.every, lengthMs), fill: "zero" }, { whole: true }));
  const valueOf = (watched: typeof now) => (watched.state.kind === "answer" ? (watched.state.answer.rows[0]?.[panel.measure] ?? 0) : undefined);
  const [value, other] = [valueOf(now), valueOf(before)];
  const values = course.state.kind === "answer" ? course.state.answer.rows.map((row) => toNumber(row[panel.measure])) : [];
  return (
    <PanelCard title={panel.title} size={panel.size ?? "quarter"} kind="trend" watched={[now, before, course]}>
      <p class="figure">{formatValue(value, panel.format)}</p>
      <p class="figure-note">
        <Change value={toNumber(value)} before={toNumber(other)} /> {panel.note ?? `${describeRange(range)}, against ${formatValue(other, panel.format)} before`}
      </p>
      <Spark values={values} />
    </PanelCard>
  );
}

function Change({ value, before }: { readonly value: number; readonly before: number }) {
  if (before === 0) return value === 0 ? <span class="change">no change,</span> : null;
  const change = (value - before) / before;
  const direction = Math.abs(change) < 0.0005 ? "flat" : change > 0 ? "up" : "down";
  return (
    <span class={`change ${direction}`}>
      <span aria-hidden="true">{{ up: "▲", down: "▼", flat: "＝" }[direction]} </span>
      <span class="hidden">{{ up: "up", down: "down", flat: "no change" }[direction]} </span>
      {formatValue(Math.abs(change), "percent")}
    </span>
  );
}
