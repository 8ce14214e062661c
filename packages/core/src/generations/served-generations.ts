import type { FileSystem } from "../ports/file-system.js";
import type { ViewDefinition } from "../views/view-definition.js";
import { generationLine } from "./generation-line.js";
import { findGeneration, readCurrentNumber, readGeneration } from "./generation-store.js";
import type { Generation, TableGeneration } from "./generation.js";

/** What names a table: its name and what it was built from. */
export type TableOf = Pick<TableGeneration, "name" | "kind" | "fingerprint">;

/** A generation's table of this declaration, when it has one. */
export function tableIn(generation: Pick<Generation, "tables">, { name, kind, fingerprint }: TableOf): TableGeneration | undefined {
  return generation.tables.find((table) => table.name === name && table.kind === kind && table.fingerprint === fingerprint);
}

/**
 * Whether every erasure that `current` has applied to a topic is applied in an older generation too: one that still has
 * erased events is never read again.
 */
export function erasesAsMuch(older: Pick<Generation, "erasures">, current: Pick<Generation, "erasures">, topic: string): boolean {
  return (older.erasures?.[topic] ?? 0) >= (current.erasures?.[topic] ?? 0);
}

interface Known {
  /** The generation that was current when this was found. */
  readonly current: number;
  readonly served: Generation | undefined;
}

/**
 * Which generation answers of a view are made from: the current one, or, where that one was built from another set of
 * declarations, the newest on its line that has this view as it is declared here. Any of them gives exact answers with
 * the speed layer's rows above its own cut. So processes of an old and of a new declaration share a data directory, and
 * each serves its own.
 *
 * Memory: the current generation, and one a view that it lacks.
 */
export class ServedGenerations {
  readonly #files: FileSystem;
  #current: Generation | undefined;
  readonly #known = new Map<string, Known>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  /** Reads the pointer, and the generation that it names once. */
  async current(signal: AbortSignal): Promise<Generation | null> {
    const number = await readCurrentNumber(this.#files, signal);
    if (number === null) return null;
    if (this.#current?.number !== number) this.#current = await readGeneration(this.#files, number, signal);
    return this.#current;
  }

  /** The generation with the view's table on the line of `current`; undefined when there is none, or it was pruned. */
  async of(view: Pick<ViewDefinition, "name" | "fingerprint" | "from">, current: Generation, signal: AbortSignal): Promise<Generation | undefined> {
    const table: TableOf = { name: view.name, kind: "view", fingerprint: view.fingerprint };
    if (tableIn(current, table) !== undefined) return current;
    const known = this.#known.get(view.fingerprint);
    if (known?.current === current.number) return known.served;
    const served = await this.#find(table, view.from.topic, current, known, signal);
    this.#known.set(view.fingerprint, { current: current.number, served });
    return served;
  }

  async #find(table: TableOf, topic: string, current: Generation, known: Known | undefined, signal: AbortSignal): Promise<Generation | undefined> {
    for await (const generation of generationLine(this.#files, current, signal)) {
      // What erased events are still in, everything before it has them in as well.
      if (!erasesAsMuch(generation, current, topic)) return undefined;
      if (tableIn(generation, table) !== undefined) return generation;
      if (generation.number !== known?.current) continue;
      // From here on the line is the one that was walked before. What was found may have been pruned meanwhile.
      const again = known.served && (await findGeneration(this.#files, known.served.number, signal));
      return again !== undefined && erasesAsMuch(again, current, topic) ? again : undefined;
    }
    return undefined;
  }
}
