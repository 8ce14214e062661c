import { FileNotFoundError } from "../errors/file-not-found-error.js";
import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import type { FileSystem } from "../ports/file-system.js";
import { CURRENT_PATH, GENERATIONS_FOLDER, generationPath } from "./generation-path.js";
import type { Generation } from "./generation.js";

/**
 * The generation that `current` names; null when none was ever published. A reader calls this once and then uses what
 * it got as a literal.
 *
 * @throws {UnreadableFileError} when the pointer or the generation it names is missing or torn.
 */
export async function readCurrent(files: FileSystem, signal: AbortSignal): Promise<Generation | null> {
  const number = await readCurrentNumber(files, signal);
  return number === null ? null : readGeneration(files, number, signal);
}

/**
 * The number in `current`, or null when none was ever published.
 *
 * @throws {UnreadableFileError} when the pointer is torn, or missing although a generation was published.
 */
export async function readCurrentNumber(files: FileSystem, signal: AbortSignal): Promise<number | null> {
  let text = await readPointer(files, signal);
  if (text === null) {
    // The first run may have died between its claim and its switch. Any later claim follows a completed switch.
    const numbers = await listGenerationNumbers(files, signal);
    if (!numbers.some((number) => number > 1)) return null;
    // Unless all that happened since the pointer was looked for.
    text = await readPointer(files, signal);
    if (text === null) throw new UnreadableFileError(CURRENT_PATH, `it is missing, although generation ${numbers.at(-1)} exists`);
  }
  if (!/^\d+\n$/.test(text)) throw new UnreadableFileError(CURRENT_PATH, "it is not one line with a number");
  return Number(text);
}

async function readPointer(files: FileSystem, signal: AbortSignal): Promise<string | null> {
  try {
    return new TextDecoder().decode(await files.read(CURRENT_PATH, signal));
  } catch (error) {
    if (error instanceof FileNotFoundError) return null;
    throw error;
  }
}

/** @throws {UnreadableFileError} when there is no such generation, or its file is torn. */
export async function readGeneration(files: FileSystem, number: number, signal: AbortSignal): Promise<Generation> {
  const generation = await findGeneration(files, number, signal);
  if (generation === undefined) throw new UnreadableFileError(generationPath(number), `generation ${number} is missing`);
  return generation;
}

/**
 * A generation by its number, or undefined when it was pruned or never was.
 *
 * @throws {UnreadableFileError} when its file is torn.
 */
export async function findGeneration(files: FileSystem, number: number, signal: AbortSignal): Promise<Generation | undefined> {
  const path = generationPath(number);
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path, signal);
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined;
    throw error;
  }
  let generation: Partial<Generation> | null;
  try {
    generation = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Partial<Generation> | null;
  } catch (cause) {
    throw new UnreadableFileError(path, "it is not the JSON of a generation", { cause });
  }
  if (generation?.format !== 1 || generation.number !== number || typeof generation.cut !== "object" || !Array.isArray(generation.tables)) {
    throw new UnreadableFileError(path, `it is not generation ${number} in format 1`);
  }
  return generation as Generation;
}

/** The numbers of the generations that are there, growing. Their files are claims: the last may not be current yet. */
export async function listGenerationNumbers(files: FileSystem, signal: AbortSignal): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (const { path } of await files.list(GENERATIONS_FOLDER, signal)) {
    const number = Number(/\/(\d{8,})\.json$/.exec(path)?.[1]);
    if (Number.isInteger(number) && generationPath(number) === path) numbers.push(number);
  }
  return numbers.sort((a, b) => a - b);
}

/** Every generation that is there, oldest first. */
export async function listGenerations(files: FileSystem, signal: AbortSignal): Promise<readonly Generation[]> {
  const numbers = await listGenerationNumbers(files, signal);
  return Promise.all(numbers.map((number) => readGeneration(files, number, signal)));
}
