import { listGenerationNumbers, readCurrentNumber, readGeneration, type FileSystem, type Generation } from "@millrace/core";
import type { GenerationSummary } from "@millrace/serving-layer";

/** Summaries of every generation, oldest first. A generation is immutable: each is read once. */
export class GenerationHistory {
  readonly #files: FileSystem;
  readonly #known = new Map<number, Omit<GenerationSummary, "current">>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async list(signal: AbortSignal): Promise<readonly GenerationSummary[]> {
    const current = await readCurrentNumber(this.#files, signal);
    const numbers = await listGenerationNumbers(this.#files, signal);
    // Claims above `current` are not published yet.
    const published = current === null ? [] : numbers.filter((number) => number <= current);
    for (const number of this.#known.keys()) if (!published.includes(number)) this.#known.delete(number);
    for (const number of published) if (!this.#known.has(number)) this.#known.set(number, summaryOf(await readGeneration(this.#files, number, signal)));
    return published.map((number) => ({ ...this.#known.get(number)!, current: number === current }));
  }
}

function summaryOf({ number, parent, kind, contentOf, startedAt, publishedAt, cut, drift, tables }: Generation): Omit<GenerationSummary, "current"> {
  return {
    number,
    parent,
    kind,
    contentOf,
    publishedAt,
    durationMs: publishedAt - startedAt,
    cut,
    drift: drift.map((view) => ({
      view: view.view,
      status: view.status,
      ...(view.status === "none" ? { rowsCompared: view.rowsCompared } : view.status === "list" ? { total: view.total } : { reason: view.reason }),
    })),
    tables: tables.map(({ name, kind: of, versions }) => ({
      name,
      kind: of,
      dates: Object.keys(versions).length,
      rows: Object.values(versions).reduce((sum, { rows }) => sum + rows, 0),
    })),
  };
}
