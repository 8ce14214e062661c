import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { PanelSize } from "../../../src/dashboard/dashboard.js";
import type { Watched } from "../services/use-live.js";
import { DataTable, type TableData } from "./data-table.js";
import { Incomplete } from "./incomplete.js";
import { Refusal } from "./refusal.js";

interface PanelCardProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly size: PanelSize;
  readonly kind: string;
  /** The watches that the panel shows. Where one is refused, the panel says so instead of what it has of the others. */
  readonly watched: readonly Watched[];
  /** The same numbers as a table, which takes the picture's place when asked for. */
  readonly table?: TableData | undefined;
  /** Shown beside the title. */
  readonly legend?: ComponentChildren;
  /** Whether the answers hold nothing. */
  readonly empty?: boolean;
  readonly children: ComponentChildren;
}

/** The frame of every panel: title, what the answers lack, a refusal or the content. */
export function PanelCard({ title, note, size, kind, watched, table, legend, empty = false, children }: PanelCardProps) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  const refused = watched.map(({ state }) => state).find((state) => state.kind === "refused");
  const waiting = watched.some(({ state }) => state.kind === "waiting");
  const before = watched.some((watch) => watch.before);
  const missing = watched.flatMap(({ state }) => (state.kind === "answer" && !state.answer.envelope.complete ? (state.answer.envelope.missing ?? []) : []));
  const incomplete = watched.some(({ state }) => state.kind === "answer" && !state.answer.envelope.complete);
  const content = () => {
    if (refused?.kind === "refused") return <Refusal problem={refused.problem} />;
    if (waiting) return <div class="waiting" role="status" aria-label="Waiting for the first answer" />;
    if (empty) return <p class="nothing">No events in this range.</p>;
    if (asTable && table !== undefined) return <DataTable data={table} caption={title} />;
    return children;
  };
  return (
    <section class={`panel size-${size} kind-${kind} ${before ? "before" : ""}`} aria-labelledby={id} aria-busy={waiting || before} data-state={refused !== undefined ? "refused" : waiting ? "waiting" : before ? "before" : "answered"}>
      <header class="panel-head">
        <div class="panel-title">
          <h2 id={id}>{title}</h2>
          {note === undefined ? null : <p>{note}</p>}
        </div>
        {legend}
        {table === undefined || refused !== undefined || waiting ? null : (
          <button type="button" class="quiet table-toggle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)} aria-label={`${title} as ${asTable ? "a picture" : "a table"}`}>
            {asTable ? "Chart" : "Table"}
          </button>
        )}
      </header>
      {incomplete ? <Incomplete missing={missing} /> : null}
      <div class="panel-body">{content()}</div>
    </section>
  );
}
