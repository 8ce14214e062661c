import { useMemo } from "preact/hooks";
import type { Panel } from "../../../src/dashboard/dashboard.js";
import type { LambdaDescription } from "../../../src/http/served.js";
import { PanelView } from "../panels/panel-view.js";
import { labelOf } from "../text/label-of.js";

/** The declared panels; without a declaration, every view over time and by its largest groups. */
export function DashboardPage({ lambda }: { readonly lambda: LambdaDescription }) {
  const panels = useMemo(() => lambda.dashboard?.panels ?? panelsOfViews(lambda), [lambda]);
  if (panels.length === 0) return <p class="nothing page-nothing">This lambda serves no views. The trust page shows its streams.</p>;
  return (
    <div class="panels">
      {panels.map((panel, i) => (
        <PanelView key={`${i} ${panel.title}`} panel={panel} />
      ))}
    </div>
  );
}

function panelsOfViews({ views }: LambdaDescription): readonly Panel[] {
  return views.flatMap((view): readonly Panel[] => {
    const measure = view.measures.find(({ addsUp }) => addsUp) ?? view.measures[0];
    if (measure === undefined) return [];
    const title = labelOf(view.name);
    const time: Panel = { kind: "time", title, note: labelOf(measure.name), view: view.name, measure: measure.name, size: view.dimensions.length === 0 ? "full" : "half", ...(measure.addsUp ? { stack: "layers" as const } : { style: "lines" as const }) };
    if (view.dimensions.length === 0) return [time];
    return [time, { kind: "top", title: `${title}: largest`, view: view.name, by: view.dimensions.map(({ name }) => name), measure: measure.name, also: view.measures.filter((other) => other !== measure).map(({ name }) => name).slice(0, 2), limit: 8 }];
  });
}
