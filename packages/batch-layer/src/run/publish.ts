import {
  CURRENT_PATH,
  generationPath,
  listGenerationNumbers,
  readCurrentNumber,
  readGeneration,
  type CatalogTable,
  type FileSystem,
  type Generation,
  type TableCatalog,
} from "@millrace/core";
import { PublicationLostError } from "./run-errors.js";

/** Where generations are published: their files, and where SQL users see them. */
export interface Publication {
  readonly files: FileSystem;
  readonly catalog?: TableCatalog;
  /** The tables of a generation with their columns as far as they are declared so. */
  readonly tablesOf?: (generation: Generation) => readonly CatalogTable[];
}

/**
 * The newest generation, current after this call: a run that died between its claim and its switch is completed.
 *
 * @throws {UnreadableFileError} when the pointer or a generation is torn or missing.
 */
export async function completeSwitch(publication: Publication, signal: AbortSignal): Promise<Generation | null> {
  const { files, catalog, tablesOf } = publication;
  const highest = (await listGenerationNumbers(files, signal)).at(-1);
  if (highest === undefined) {
    // Also tells a lost generation from none.
    const current = await readCurrentNumber(files, signal);
    return current === null ? null : readGeneration(files, current, signal);
  }
  const generation = await readGeneration(files, highest, signal);
  const current = await readCurrentNumber(files, signal);
  // Also where a process without the catalog published it.
  const isShown = catalog === undefined || tablesOf === undefined || (await catalog.current(signal)) === highest;
  if (!isShown) await catalog.prepare(tablesOf(generation), signal);
  if (!isShown || current === null || current < highest) await switchTo(publication, generation, signal);
  return generation;
}

/**
 * Claims the generation's number with its finished JSON, then switches `current` to it: the switch is one replacement.
 * The catalog's is another one, just before; what it needs is made before the claim, so that its failure claims nothing.
 *
 * @throws {PublicationLostError} when another run has the number.
 */
export async function publish(publication: Publication, generation: Generation, signal: AbortSignal): Promise<Generation> {
  const { files, catalog, tablesOf } = publication;
  const content = new TextEncoder().encode(`${JSON.stringify(generation)}\n`);
  if (tablesOf !== undefined) await catalog?.prepare(tablesOf(generation), signal);
  if (!(await files.putIfAbsent(generationPath(generation.number), content, signal))) {
    throw new PublicationLostError(generation.parent, generation.number);
  }
  await switchTo(publication, generation, signal);
  return generation;
}

/** A slow process must not leave `current` behind a generation that was published meanwhile. */
async function switchTo({ files, catalog, tablesOf }: Publication, generation: Generation, signal: AbortSignal): Promise<void> {
  for (let to: Generation | undefined = generation; to !== undefined; ) {
    const { number }: Generation = to;
    // Before `current`, which tells the next run whether this one came to its end.
    if (tablesOf !== undefined) await catalog?.show(to, signal);
    await files.replace(CURRENT_PATH, new TextEncoder().encode(`${number}\n`), signal);
    const highest: number = (await listGenerationNumbers(files, signal)).at(-1) ?? number;
    to = highest > number ? await readGeneration(files, highest, signal) : undefined;
  }
}
