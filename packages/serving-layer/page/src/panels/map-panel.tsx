import { useEffect, useMemo, useState } from "preact/hooks";
import type { MapPanel } from "../../../src/dashboard/dashboard.js";
import { Chart } from "../charts/chart.js";
import { loadUsStates, mapChart, type Places } from "../charts/map-chart.js";
import { usePalette } from "../charts/use-palette.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatKey, formatValue, toNumber } from "../text/format-number.js";
import { labelOf } from "../text/label-of.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";

/** More places than any map has: what the map has no place for is listed. */
const MOST_PLACES = 1_000;

/** A measure by US state. */
export function MapPanelView({ panel }: { readonly panel: MapPanel }) {
  const palette = usePalette();
  const { range, ask } = usePanelQuestion(panel);
  const watched = useLive(ask({ by: [panel.by], granularity: "all", orderBy: `${panel.measure} desc`, limit: MOST_PLACES }));
  const [places, setPlaces] = useState<Places>();
  useEffect(() => void loadUsStates().then(setPlaces), []);
  const rows = watched.state.kind === "answer" ? watched.state.answer.rows : undefined;
  const { onMap, elsewhere } = useMemo(() => {
    const found = new Map<string, number>();
    const others: { readonly name: string; readonly value: unknown }[] = [];
    for (const row of rows ?? []) {
      const code = formatKey(row[panel.by]).toUpperCase().replace(/^US-/, "");
      if (places?.has(code)) found.set(code, (found.get(code) ?? 0) + toNumber(row[panel.measure]));
      else others.push({ name: formatKey(row[panel.by]), value: row[panel.measure] });
    }
    return { onMap: found, elsewhere: others };
  }, [rows, places, panel.by, panel.measure]);
  const option = useMemo(() => (places === undefined ? {} : mapChart(onMap, places, labelOf(panel.measure), panel.format ?? "number", palette)), [onMap, places, palette, panel.measure, panel.format]);
  const most = Math.max(0, ...onMap.values());
  return (
    <PanelCard
      title={panel.title}
      note={panel.note ?? describeRange(range).replace(/^./, (first) => first.toUpperCase())}
      size={panel.size ?? "wide"}
      kind="map"
      watched={[watched]}
      empty={rows?.length === 0}
      table={{ columns: [{ name: labelOf(panel.by) }, { name: labelOf(panel.measure), number: true }], rows: (rows ?? []).map((row) => [placeName(row[panel.by], places), formatValue(row[panel.measure], panel.format)]) }}
      legend={
        <div class="scale" aria-hidden="true">
          <span>0</span>
          <span class="scale-bar" />
          <span>{formatValue(most, panel.format)}</span>
        </div>
      }
    >
      {places === undefined ? <div class="waiting" role="status" aria-label="Loading the map" /> : <Chart option={option} className="map" label={`${panel.title}: ${onMap.size} states, the most ${formatValue(most, panel.format)}`} />}
      {places === undefined || elsewhere.length === 0 ? null : (
        <p class="elsewhere">Not on the map: {elsewhere.map(({ name, value }) => `${name} ${formatValue(value, panel.format)}`).join(", ")}</p>
      )}
    </PanelCard>
  );
}

const placeName = (value: unknown, places: Places | undefined): string => {
  const text = formatKey(value);
  const name = places?.get(text.toUpperCase().replace(/^US-/, ""));
  return name === undefined ? text : `${name} (${text})`;
};
