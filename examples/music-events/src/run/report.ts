import type { Cut, TelemetryEvent, ViewDrift } from "millrace";

/** What a headless run says in the end. */
export interface Report {
  readonly seed: number;
  /** Events appended, by topic. */
  readonly events: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  readonly generations: readonly {
    readonly number: number;
    readonly cut: Cut;
    readonly durationMs: number;
    readonly drift: readonly ViewDrift[];
    readonly whileEventsFlowed: boolean;
  }[];
  /** From the first to the last that each layer did, so the others' share of the machine counts, too. */
  readonly eventsPerSecond: { readonly log: number; readonly speed: number; readonly ingest: number };
  /** SHA-256 of every view's whole answer: the same seed gives the same. */
  readonly answers: string;
  readonly peakMemoryMb: number;
  readonly wallMs: number;
}

/** Counts what the layers say they did. */
export class LayerMeter {
  deadLetters = 0;
  /** How long the last batch run took. */
  lastRunMs = 0;
  #folded = 0;
  #ingested = 0;
  #ingestStart: number | undefined;
  #ingestEnd = 0;
  #foldStart: number | undefined;
  #foldEnd = 0;

  take(event: TelemetryEvent): void {
    if (event.type === "Flushed") {
      this.#foldStart ??= performance.now();
      this.#foldEnd = performance.now();
      this.#folded += event.records;
    } else if (event.type === "ManifestCommitted") {
      this.#ingested += event.records;
      this.#ingestStart ??= performance.now() - event.durationMs;
      this.#ingestEnd = performance.now();
      this.deadLetters += event.deadLetters;
    } else if (event.type === "GenerationPublished") this.lastRunMs = event.durationMs;
  }

  perSecond(): { readonly speed: number; readonly ingest: number } {
    const rate = (events: number, ms: number) => (ms === 0 ? 0 : Math.round((events * 1_000) / ms));
    return { speed: rate(this.#folded, this.#foldEnd - (this.#foldStart ?? 0)), ingest: rate(this.#ingested, this.#ingestEnd - (this.#ingestStart ?? 0)) };
  }
}
