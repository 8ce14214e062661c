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
 * Memory: the current generation, and one for each view, or set of tables, that it lacks.
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
  of({ name, fingerprint, from }: Pick<ViewDefinition, "name" | "fingerprint" | "from">, current: Generation, signal: AbortSignal): Promise<Generation | undefined> {
    return this.having([{ name, kind: "view", fingerprint }], [from.topic], current, signal);
  }

  /** As {@link of}, with all of these tables, which are made from these topics. */
  async having(tables: readonly TableOf[], topics: readonly string[], current: Generation, signal: AbortSignal): Promise<Generation | undefined> {
    if (hasAll(current, tables)) return current;
    const key = tables.map(({ kind, name, fingerprint }) => `${kind} ${name} ${fingerprint}`).join();
    const known = this.#known.get(key);
    if (known?.current === current.number) return known.served;
    const served = await this.#find(tables, topics, current, known, signal);
    this.#known.set(key, { current: current.number, served });
    return served;
  }

  async #find(tables: readonly TableOf[], topics: readonly string[], current: Generation, known: Known | undefined, signal: AbortSignal): Promise<Generation | undefined> {
    const erases = (generation: Generation) => topics.every((topic) => erasesAsMuch(generation, current, topic));
    for await (const generation of generationLine(this.#files, current, signal)) {
      // What erased events are still in, everything before it has them in as well.
      if (!erases(generation)) return undefined;
      if (hasAll(generation, tables)) return generation;
      if (generation.number !== known?.current) continue;
      // From here on the line is the one that was walked before. What was found may have been pruned meanwhile.
      const again = known.served && (await findGeneration(this.#files, known.served.number, signal));
      return again !== undefined && erases(again) ? again : undefined;
    }
    return undefined;
  }
}

const hasAll = (generation: Generation, tables: readonly TableOf[]): boolean => tables.every((table) => tableIn(generation, table) !== undefined);
