import type { Telemetry } from "@millrace/core";

/** Counts what was folded and ingested, and writes one line every `everyMs` of real time in which something was. */
export function throughputLine(write: (line: string) => void, everyMs: number, signal: AbortSignal): Telemetry {
  let folded = 0;
  let ingested = 0;
  let late = 0;
  const timer = setInterval(() => {
    if (folded + ingested === 0) return;
    const rate = (n: number) => Math.round((n * 1_000) / everyMs).toLocaleString("en-US");
    write(`throughput: speed ${rate(folded)} records/s, ingest ${rate(ingested)} records/s${late > 0 ? `, ${late.toLocaleString("en-US")} late` : ""}`);
    folded = ingested = late = 0;
  }, everyMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return (event) => {
    if (event.type === "Flushed") {
      folded += event.records;
      late += event.late;
    } else if (event.type === "ManifestCommitted") ingested += event.records;
  };
}
