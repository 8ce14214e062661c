import type { NumberPanel } from "../../../src/dashboard/dashboard.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatValue } from "../text/format-number.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";

/** One number over the range. */
export function NumberPanelView({ panel }: { readonly panel: NumberPanel }) {
  const { range, settings, ask } = usePanelQuestion(panel);
  const watched = useLive(ask({ by: [], granularity: "all", fill: "zero" }));
  const row = watched.state.kind === "answer" ? watched.state.answer.rows[0] : undefined;
  return (
    <PanelCard title={panel.title} size={panel.size ?? "quarter"} kind="number" watched={[watched]}>
      <p class="figure">{formatValue(row?.[panel.measure], panel.format)}</p>
      <p class="figure-note">{panel.note ?? ("since" in range ? `${describeRange(range)}, ${settings.zone.replaceAll("_", " ")}` : describeRange(range))}</p>
    </PanelCard>
  );
}
