import type { GenerationSummary } from "../../../src/http/served.js";
import { DataTable } from "../panels/data-table.js";
import { formatValue } from "../text/format-number.js";
import { duration, fullTime } from "../text/format-time.js";

type Drift = GenerationSummary["drift"][number];

/** The generations, the newest first: what was published, how long it took, and whether speed and batch agreed. */
export function GenerationTable({ generations, zone }: { readonly generations: readonly GenerationSummary[]; readonly zone: string }) {
  return (
    <section class="panel size-full" aria-label="Generations">
      <header class="panel-head">
        <div class="panel-title">
          <h2>Generations</h2>
          <p>Each is one published result of the batch layer. Drift compares it with what the speed layer had said for the same records.</p>
        </div>
      </header>
      {generations.length === 0 ? (
        <p class="nothing">None was published yet: answers are the speed layer's alone.</p>
      ) : (
        <DataTable
          caption="Generations"
          className="generations"
          data={{
            columns: [{ name: "Number", number: true }, { name: "Published" }, { name: "Kind" }, { name: "Took", number: true }, { name: "Rows", number: true }, { name: "Drift" }],
            rows: [...generations].reverse().map(({ number, current, publishedAt, kind, contentOf, durationMs, tables, drift }) => [
              <span key="n" class={current ? "current" : ""}>
                {number}
                {current ? <span class="badge good">served</span> : null}
              </span>,
              fullTime(zone, publishedAt),
              contentOf === null ? kind : `${kind} to ${contentOf}`,
              duration(durationMs),
              formatValue(tables.reduce((sum, { rows }) => sum + rows, 0)),
              <DriftText key="d" drift={drift} />,
            ]),
          }}
        />
      )}
    </section>
  );
}

function DriftText({ drift }: { readonly drift: readonly Drift[] }) {
  if (drift.length === 0) return <span class="soft">not compared</span>;
  const listed = drift.filter(({ status }) => status === "list");
  const compared = drift.filter(({ status }) => status === "none");
  const others = drift.filter(({ status }) => status !== "none" && status !== "list");
  return (
    <span class="drift">
      {listed.map(({ view, total }) => (
        <span key={view} class="badge bad">
          {view}: {formatValue(total)} rows differ
        </span>
      ))}
      {compared.length === 0 ? null : (
        <span title={compared.map(({ view, rowsCompared }) => `${view}: ${rowsCompared ?? 0} rows`).join("\n")}>
          none in {formatValue(compared.reduce((sum, { rowsCompared = 0 }) => sum + rowsCompared, 0))} rows of {compared.length} view{compared.length === 1 ? "" : "s"}
        </span>
      )}
      {others.map(({ view, reason }) => (
        <span key={view} class="soft" title={reason}>
          {view}: not comparable{reason === undefined ? "" : ` (${reason})`}
        </span>
      ))}
    </span>
  );
}
