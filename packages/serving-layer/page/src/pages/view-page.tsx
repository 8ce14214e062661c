import type { Panel } from "../../../src/dashboard/dashboard.js";
import type { LambdaDescription } from "../../../src/http/served.js";
import type { ViewDescription } from "../../../src/http/describe-view.js";
import { Choice } from "../controls/choice.js";
import { FilterBar } from "../controls/filter-bar.js";
import { NumberPanelView } from "../panels/number-panel.js";
import { TimePanelView } from "../panels/time-panel.js";
import { TopPanelView } from "../panels/top-panel.js";
import type { PageLocation } from "../settings/page-location.js";
import { labelOf } from "../text/label-of.js";
import { formatKey } from "../text/format-number.js";

interface ViewPageProps {
  readonly lambda: LambdaDescription;
  readonly location: PageLocation;
  readonly go: (change: Partial<PageLocation>) => void;
}

/** One view: any measure over time, the largest groups by any of its dimensions, filtered by values. */
export function ViewPage({ lambda, location, go }: ViewPageProps) {
  const view = lambda.views.find(({ name }) => name === location.view);
  if (view === undefined) return <p class="nothing page-nothing">There is no view “{location.view}”.</p>;
  const measure = view.measures.find(({ name }) => name === location.measure) ?? view.measures.find(({ addsUp }) => addsUp) ?? view.measures[0]!;
  const by = (location.by ?? view.dimensions.map(({ name }) => name)).filter((name) => view.dimensions.some((dimension) => dimension.name === name));
  const stacks = [...(measure.addsUp ? [{ value: "layers", label: "Batch and speed" }] : []), { value: "none", label: "One series" }, ...view.dimensions.map(({ name }) => ({ value: `by:${name}`, label: `By ${name}` }))];
  const stack = stacks.find(({ value }) => value === location.stack)?.value ?? stacks[0]!.value;
  const where = whereOf(location.filters, view);
  const common = { view: view.name, measure: measure.name, ...(where === undefined ? {} : { where }) };
  const time: Panel = {
    ...common,
    kind: "time",
    title: `${labelOf(measure.name)} over time`,
    style: stack === "none" ? "lines" : "bars",
    ...(stack === "layers" ? { stack: "layers" as const } : stack.startsWith("by:") ? { stack: { by: stack.slice(3) } } : {}),
  };
  const filter = (column: string, value: unknown) => {
    const text = value === null ? "" : formatKey(value);
    if (!location.filters.some(([name, known]) => name === column && known === text)) go({ filters: [...location.filters, [column, text]] });
  };
  const figures = view.measures.slice(0, 4);
  const others = view.measures.filter(({ name }) => name !== measure.name).map(({ name }) => name);
  return (
    <>
      <div class="view-head">
        <div>
          <h2>{labelOf(view.name)}</h2>
          <p>
            From <code>{view.topic}</code>, kept by {view.every}
            {view.dimensions.length === 0 ? "" : `, by ${view.dimensions.map(({ name }) => name).join(", ")}`}
          </p>
        </div>
        <div class="view-choices">
          <Choice label="Measure" value={measure.name} options={view.measures.map(({ name }) => ({ value: name, label: labelOf(name) }))} onChange={(name) => go({ measure: name })} />
          <Choice label="Show" value={stack} options={stacks} onChange={(value) => go({ stack: value })} />
        </div>
      </div>
      {view.dimensions.length === 0 ? null : <FilterBar dimensions={view.dimensions} filters={location.filters} onChange={(filters) => go({ filters })} />}
      <div class="panels">
        {figures.map(({ name }) => (
          <NumberPanelView key={name} panel={{ ...common, measure: name, kind: "number", title: labelOf(name), size: (["full", "half", "third", "quarter"] as const)[figures.length - 1]! }} />
        ))}
        <TimePanelView panel={time} />
        {view.dimensions.length === 0 ? null : (
          <>
            {view.dimensions.length < 2 ? null : (
              <fieldset class="grouping size-full">
                <legend>Group by</legend>
                {view.dimensions.map(({ name }) => (
                  <label key={name}>
                    <input
                      type="checkbox"
                      checked={by.includes(name)}
                      disabled={by.length === 1 && by.includes(name)}
                      onChange={(event) => go({ by: view.dimensions.map((dimension) => dimension.name).filter((known) => (known === name ? event.currentTarget.checked : by.includes(known))) })}
                    />
                    {name}
                  </label>
                ))}
              </fieldset>
            )}
            <TopPanelView panel={{ ...common, kind: "top", title: `Largest by ${by.join(", ")}`, by, also: others.slice(0, 4), limit: 20, size: "full" }} onPick={filter} />
          </>
        )}
      </div>
    </>
  );
}

/** As the server takes filters in JSON: an empty text of a nullable column is null, numbers and flags are themselves. */
function whereOf(filters: PageLocation["filters"], view: ViewDescription): Panel["where"] | undefined {
  const where: Record<string, (string | number | boolean | null)[]> = {};
  for (const [name, text] of filters) {
    const dimension = view.dimensions.find((known) => known.name === name);
    if (dimension === undefined) continue;
    const kind = dimension.type.split(/[ (]/)[0];
    const value = text === "" && dimension.nullable ? null : kind === "boolean" ? text === "true" : kind === "float64" ? Number(text) : text;
    (where[name] ??= []).push(value);
  }
  return Object.keys(where).length === 0 ? undefined : where;
}
