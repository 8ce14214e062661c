import type { FileSystem } from "../ports/file-system.js";
import { findGeneration } from "./generation-store.js";
import type { Generation } from "./generation.js";

/**
 * The generations that led to the content of `newest`, itself first: each one's parent, and after a rollback what it went
 * back to, so that what was rolled back is not on the line. It ends at the first generation, or where one was pruned.
 */
export async function* generationLine(files: FileSystem, newest: Generation, signal: AbortSignal): AsyncGenerator<Generation> {
  for (let generation: Generation | undefined = newest; generation !== undefined; ) {
    yield generation;
    const before: number | null = generation.contentOf ?? generation.parent;
    generation = before === null ? undefined : await findGeneration(files, before, signal);
  }
}
