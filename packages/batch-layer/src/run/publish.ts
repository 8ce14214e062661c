import { CURRENT_PATH, generationPath, listGenerationNumbers, readCurrentNumber, readGeneration, type FileSystem, type Generation } from "@millrace/core";
import { PublicationLostError } from "./run-errors.js";

/**
 * The newest generation, current after this call: a run that died between its claim and its switch is completed.
 *
 * @throws {UnreadableFileError} when the pointer or a generation is torn or missing.
 */
export async function completeSwitch(files: FileSystem, signal: AbortSignal): Promise<Generation | null> {
  const highest = (await listGenerationNumbers(files, signal)).at(-1);
  if (highest === undefined) {
    // Also tells a lost generation from none.
    const current = await readCurrentNumber(files, signal);
    return current === null ? null : readGeneration(files, current, signal);
  }
  const generation = await readGeneration(files, highest, signal);
  const current = await readCurrentNumber(files, signal);
  if (current === null || current < highest) await switchTo(files, highest, signal);
  return generation;
}

/**
 * Claims the generation's number with its finished JSON, then switches `current` to it: the switch is one replacement.
 *
 * @throws {PublicationLostError} when another run has the number.
 */
export async function publish(files: FileSystem, generation: Generation, signal: AbortSignal): Promise<Generation> {
  const content = new TextEncoder().encode(`${JSON.stringify(generation)}\n`);
  if (!(await files.putIfAbsent(generationPath(generation.number), content, signal))) {
    throw new PublicationLostError(generation.parent, generation.number);
  }
  await switchTo(files, generation.number, signal);
  return generation;
}

/** A slow process must not leave `current` behind a generation that was published meanwhile. */
async function switchTo(files: FileSystem, number: number, signal: AbortSignal): Promise<void> {
  for (let to: number | undefined = number; to !== undefined; ) {
    await files.replace(CURRENT_PATH, new TextEncoder().encode(`${to}\n`), signal);
    const highest: number = (await listGenerationNumbers(files, signal)).at(-1) ?? to;
    to = highest > to ? highest : undefined;
  }
}
