import { FileNotFoundError } from "../errors/file-not-found-error.js";
import { UnreadableFileError } from "../errors/unreadable-file-error.js";
import type { FileSystem } from "../ports/file-system.js";

/**
 * What a small JSON file holds, unchecked; undefined when there is no such file. The caller knows which fields must be
 * there.
 *
 * @throws {UnreadableFileError} when the file is torn: it exists and is not JSON.
 */
export async function readJsonFile(files: FileSystem, path: string, signal: AbortSignal): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path, signal);
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined;
    throw error;
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new UnreadableFileError(path, "it is not JSON", { cause });
  }
}
