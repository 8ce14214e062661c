import type { TopPanel } from "../../../src/dashboard/dashboard.js";
import { useLive } from "../services/use-live.js";
import { describeRange } from "../settings/settings.js";
import { formatKey, formatValue, toNumber } from "../text/format-number.js";
import { labelOf } from "../text/label-of.js";
import { PanelCard } from "./panel-card.js";
import { usePanelQuestion } from "./panel-context.js";

/** The largest groups: a ranking with bars, which show for counts and sums what is batch and what is speed. */
export function TopPanelView({ panel, onPick }: { readonly panel: TopPanel; readonly onPick?: (column: string, value: unknown) => void }) {
  const { view, range, ask } = usePanelQuestion(panel);
  const limit = panel.limit ?? 10;
  const splits = view.measures.some(({ name, addsUp }) => name === panel.measure && addsUp);
  const watched = useLive(ask({ by: panel.by, granularity: "all", orderBy: `${panel.measure} desc`, limit, ...(splits ? { split: true } : {}) }));
  const rows = watched.state.kind === "answer" ? watched.state.answer.rows : [];
  const most = Math.max(0, ...rows.map((row) => toNumber(row[panel.measure])));
  const also = panel.also ?? [];
  return (
    <PanelCard title={panel.title} note={panel.note ?? describeRange(range).replace(/^./, (first) => first.toUpperCase())} size={panel.size ?? "half"} kind="top" watched={[watched]} empty={rows.length === 0}>
      <div class="table-frame" tabIndex={0} role="region" aria-label={panel.title}>
        <table class="ranking">
          <caption class="hidden">{panel.title}</caption>
          <thead>
            <tr>
              <th scope="col" class="rank">
                <span class="hidden">Rank</span>
              </th>
              {panel.by.map((name) => (
                <th key={name} scope="col">
                  {labelOf(name)}
                </th>
              ))}
              {also.map((name) => (
                <th key={name} scope="col" class="number">
                  {labelOf(name)}
                </th>
              ))}
              <th scope="col" class="number">
                {labelOf(panel.measure)}
              </th>
              <th scope="col" class="bar-head">
                <span class="hidden">Share of the largest</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => {
              const part = splits ? (row["split"] as Record<string, { readonly batch: unknown; readonly speed: unknown }>)[panel.measure] : undefined;
              const width = (value: unknown) => `${most === 0 ? 0 : Math.max(0, (toNumber(value) / most) * 100)}%`;
              return (
                <tr key={panel.by.map((name) => formatKey(row[name])).join("\n")}>
                  <td class="rank">{i + 1}</td>
                  {panel.by.map((name, j) => (
                    <td key={name} class={j === 0 ? "key first" : "key"} title={formatKey(row[name])}>
                      {onPick === undefined ? (
                        formatKey(row[name])
                      ) : (
                        <button type="button" class="pick" onClick={() => onPick(name, row[name])} aria-label={`Only ${name} ${formatKey(row[name])}`}>
                          {formatKey(row[name])}
                        </button>
                      )}
                    </td>
                  ))}
                  {also.map((name) => (
                    <td key={name} class="number soft">
                      {formatValue(row[name])}
                    </td>
                  ))}
                  <td class="number">{formatValue(row[panel.measure], panel.format)}</td>
                  <td class="bar" title={part === undefined ? undefined : `batch ${formatValue(part.batch ?? 0, panel.format)} + speed ${formatValue(part.speed ?? 0, panel.format)}`}>
                    <span class="bar-track" aria-hidden="true">
                      {part === undefined ? <span class="bar-part whole" style={{ width: width(row[panel.measure]) }} /> : null}
                      {part === undefined ? null : <span class="bar-part batch" style={{ width: width(part.batch) }} />}
                      {part === undefined ? null : <span class="bar-part speed" style={{ width: width(part.speed) }} />}
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </PanelCard>
  );
}
